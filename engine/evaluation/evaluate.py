"""Figures of a model on a folder of labelled people: verification, retrieval, families."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.evaluation.all_pairs import compared, sample, tar_at_fmr
from niteru.engine.evaluation.crop_set import CropSet, set_of
from niteru.engine.evaluation.kinship import relatives
from niteru.engine.evaluation.pairs import Pair, PairsUnusable, draw_pairs, read_pairs
from niteru.engine.evaluation.retrieval import BLOCK, recall_at_1
from niteru.engine.evaluation.verification import RocCurve, auc, fold_accuracies, roc_curve, tar_at_far

GREY = 6.0
"""Mean difference between a pixel's strongest and weakest colour below which a picture is grey; JPEG tints a little."""
MISSING = -1.0
"""Similarity of a pair with a photo that shows no face: a failure to enrol is never a match."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of a model on a folder, with the ROC curve, which is None if there are no pairs."""

    figures: dict[str, Any]
    curve: RocCurve | None


def evaluate(
    faces: CropSet, vectors: Vectors, pairs_file: Path | None, children: frozenset[str] = frozenset()
) -> Evaluation:
    """Measure how well vectors tell labelled people apart.

    Args:
        faces: crops of labelled people.
        vectors: their unit vectors, float32 (n, dimension).
        pairs_file: list of pairs in LFW format; without one, pairs are drawn from the labels.
        children: refs of photos of children; the figures are repeated without them.

    Raises:
        PairsUnusable: the list cannot be read.
    """
    figures: dict[str, Any] = {
        "faces": len(vectors),
        "not_found": len(faces.skipped),
        "skipped": [{"photo": photo, "reason": reason} for photo, reason in faces.skipped],
        **_over_all_pairs(vectors, faces.people),
        "by_set": {},
        "grey": None,
        "adults": None,
        "kin": relatives(vectors, faces.people),
    }
    try:
        faceless = [photo for photo, _ in faces.skipped]
        pairs = read_pairs(pairs_file, faces.refs, faceless) if pairs_file else draw_pairs(faces.people)
    except PairsUnusable as error:
        if pairs_file:
            raise
        return Evaluation({**figures, "pairs": 0, "no_pairs": str(error), **_no_verification()}, None)
    scored = _Scored.of(pairs, faces, vectors)
    figures |= {"pairs": len(pairs), "pairs_from": str(pairs_file) if pairs_file else "labels"}
    figures |= scored.figures()
    sets = np.array(faces.sets)
    for name in sorted(set(faces.sets)) if len(set(faces.sets)) > 1 else ():
        inside = sets == name
        part = scored.only(scored.sets == name)
        figures["by_set"][name] = {"pairs": len(part.genuine), **_of_some(faces, vectors, inside), **part.figures()}
    touched = grey(faces.crops)
    among = np.array([any(row is not None and touched[row] for row in (pair.first, pair.second)) for pair in pairs])
    if among.any():
        part = scored.only(among)
        figures["grey"] = {"pairs": len(part.genuine), "faces": int(touched.sum()), **part.figures()}
    if children:
        grown = np.array([ref not in children for ref in faces.refs])
        rows = np.array([all(row is None or grown[row] for row in (pair.first, pair.second)) for pair in pairs])
        part = scored.only(rows)
        figures["adults"] = {"pairs": len(part.genuine), **_of_some(faces, vectors, grown), **part.figures()}
    return Evaluation(figures, roc_curve(scored.similarities, scored.genuine))


def _of_some(faces: CropSet, vectors: Vectors, rows: NDArray[np.bool_]) -> dict[str, Any]:
    people = [faces.people[row] for row in np.flatnonzero(rows)]
    return {"faces": len(people), **_over_all_pairs(vectors[rows], people)}


def _over_all_pairs(vectors: Vectors, people: list[str]) -> dict[str, float | None]:
    """Figures for which a list has too few pairs."""
    numbers = np.unique(people, return_inverse=True)[1]
    rows = sample(people)
    impostors, genuine = compared(vectors[rows], numbers[rows])
    return {
        "recall_at_1": _rounded(recall_at_1(vectors, numbers)),
        "all_pairs_tar_at_fmr_1e-3": _rounded(tar_at_fmr(impostors, genuine, 1e-3)),
        "all_pairs_tar_at_fmr_1e-4": _rounded(tar_at_fmr(impostors, genuine, 1e-4)),
    }


def grey(crops: Pixels) -> NDArray[np.bool_]:
    """Find the crops, uint8 RGB (n, 112, 112, 3), that have no colour, such as those of old photographs."""
    found = np.zeros(len(crops), bool)
    for start in range(0, len(crops), BLOCK):
        block = np.asarray(crops[start : start + BLOCK, 16:96:4, 16:96:4]).astype(np.int16)
        found[start : start + len(block)] = (block.max(axis=3) - block.min(axis=3)).mean(axis=(1, 2)) < GREY
    return found


@dataclass(frozen=True, eq=False)
class _Scored:
    similarities: NDArray[np.float32]
    genuine: NDArray[np.bool_]
    folds: NDArray[np.int64]
    sets: NDArray[np.str_]

    @classmethod
    def of(cls, pairs: list[Pair], faces: CropSet, vectors: Vectors) -> _Scored:
        similarities = np.full(len(pairs), MISSING, np.float32)
        sets = []
        for i, pair in enumerate(pairs):
            if pair.first is not None and pair.second is not None:
                similarities[i] = vectors[pair.first] @ vectors[pair.second]
            known = pair.first if pair.first is not None else pair.second
            sets.append("" if known is None else set_of(faces.refs[known]))
        genuine = np.array([pair.genuine for pair in pairs])
        return cls(similarities, genuine, np.array([pair.fold for pair in pairs]), np.array(sets))

    def only(self, rows: NDArray[np.bool_]) -> _Scored:
        return _Scored(self.similarities[rows], self.genuine[rows], self.folds[rows], self.sets[rows])

    def figures(self) -> dict[str, float | None]:
        if len(np.unique(self.folds)) < 2 or self.genuine.all() or not self.genuine.any():
            return _no_verification()
        accuracies = fold_accuracies(self.similarities, self.genuine, self.folds)
        curve = roc_curve(self.similarities, self.genuine)
        return {
            "accuracy": _rounded(accuracies.mean()),
            "accuracy_sd": _rounded(accuracies.std()),
            "auc": _rounded(auc(curve)),
            "tar_at_far_1e-2": _rounded(tar_at_far(curve, 1e-2)),
            "tar_at_far_1e-3": _rounded(tar_at_far(curve, 1e-3)),
        }


def _no_verification() -> dict[str, float | None]:
    return dict.fromkeys(("accuracy", "accuracy_sd", "auc", "tar_at_far_1e-2", "tar_at_far_1e-3"))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)

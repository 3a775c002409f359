"""Measure the vectors of a folder of labelled people: verification, retrieval, families."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.crop_set import CropSet, set_of
from engine.embedder import Vectors
from engine.kinship import relatives
from engine.pairs import Pair, PairsUnusable, draw_pairs, read_pairs
from engine.photo import Pixels
from engine.retrieval import BLOCK, recall_at_1
from engine.verification import RocCurve, auc, fold_accuracies, roc_curve, tar_at_far

GREY = 6.0
"""Mean distance of a pixel's strongest from its weakest colour below which a picture is grey: JPEG tints it."""
MISSING = -1.0
"""Similarity of a pair in which a photo showed no face: a failure to enrol is never a match."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of a model on a folder; ``curve`` is None where no pairs could be made."""

    figures: dict[str, Any]
    curve: RocCurve | None


def evaluate(faces: CropSet, vectors: Vectors, pairs_file: Path | None) -> Evaluation:
    """Measure the vectors of labelled people.

    Args:
        faces: crops of labelled people.
        vectors: of each, unit, float32 (n, dimension).
        pairs_file: in LFW format; without one, pairs are drawn from the labels.

    Raises:
        PairsUnusable: the file cannot be read.
    """
    people = np.unique(faces.people, return_inverse=True)[1]
    figures: dict[str, Any] = {
        "faces": len(vectors),
        "not_found": len(faces.skipped),
        "skipped": [{"photo": photo, "reason": reason} for photo, reason in faces.skipped],
        "recall_at_1": _rounded(recall_at_1(vectors, people)),
        "by_set": {},
        "grey": None,
        "kin": relatives(vectors, faces.people),
    }
    try:
        pairs = read_pairs(pairs_file, faces.refs) if pairs_file else draw_pairs(faces.people)
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
        recall = _rounded(recall_at_1(vectors[inside], np.unique(people[inside], return_inverse=True)[1]))
        figures["by_set"][name] = {
            "pairs": len(part.genuine),
            "faces": int(inside.sum()),
            "recall_at_1": recall,
        }
        figures["by_set"][name] |= part.figures()
    touched = grey(faces.crops)
    among = np.array([any(row is not None and touched[row] for row in (pair.first, pair.second)) for pair in pairs])
    if among.any():
        part = scored.only(among)
        figures["grey"] = {"pairs": len(part.genuine), "faces": int(touched.sum()), **part.figures()}
    return Evaluation(figures, roc_curve(scored.similarities, scored.genuine))


def grey(crops: Pixels) -> NDArray[np.bool_]:
    """Which crops, uint8 RGB (n, 112, 112, 3), have no colour: scans, old photographs."""
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

"""KinFaceW, a data set of parents and children in separate photos: a yardstick for resemblance of different people.

Lu et al., "Neighborhood Repulsed Metric Learning for Kinship Verification", IEEE TPAMI 2014. Pictures of 64×64 pixels
are in ``images/RELATION/``, pairs with their five folds in ``meta_data/*_pairs.mat``. Nothing is trained on it here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.evaluation.likeness import of_ranks
from niteru.engine.evaluation.pairs import PairsUnusable
from niteru.engine.evaluation.verification import auc, fold_accuracies, roc_curve
from niteru.engine.faces.alignment import Landmarks, align
from niteru.engine.faces.detector import Detector, load_detector
from niteru.engine.photos.decode import decode
from niteru.engine.work.progress import progress_bar

RELATIONS = {"fd": "father-dau", "fs": "father-son", "md": "mother-dau", "ms": "mother-son"}
# Average landmarks, for the few pictures in which no face is found.
_MEAN_LANDMARKS: Landmarks = np.array([[18, 18], [46, 18], [32, 35], [19.5, 47], [45, 47]], np.float32)
_ENLARGED, _MARGIN = 3, 64


@dataclass(frozen=True, eq=False)
class KinPairs:
    """The pairs of one relation.

    Attributes:
        files: paths of the pictures, each once.
        first, second: places in ``files``, int64 (n,).
        related: whether the two are parent and child, bool (n,).
        folds: fold of each pair, 1 to 5, as published.
    """

    files: list[Path]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    related: NDArray[np.bool_]
    folds: NDArray[np.int64]


def is_kinface(root: Path) -> bool:
    """Whether a folder holds one of the two KinFaceW sets."""
    return any((root / "meta_data").glob("*_pairs.mat"))


def read_kinface(root: Path) -> dict[str, KinPairs]:
    """Read the pairs of each relation.

    Raises:
        PairsUnusable: a list of pairs cannot be read, or names a picture that is missing.
    """
    return {name: _read(root, short, name) for short, name in RELATIONS.items()}


def _read(root: Path, short: str, relation: str) -> KinPairs:
    # SciPy is in the train extra, like everything that only measures.
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    listed = root / "meta_data" / f"{short}_pairs.mat"
    try:
        rows = loadmat(listed)["pairs"]
        folds, related = (np.array([int(row[i].item()) for row in rows], np.int64) for i in (0, 1))
        names = np.array([[str(row[i].item()) for i in (2, 3)] for row in rows])
    except (OSError, ValueError, KeyError, IndexError, NotImplementedError, MatReadError) as error:
        raise PairsUnusable(f"{listed}: {error}") from None
    files, places = np.unique(names, return_inverse=True)
    paths = [root / "images" / relation / str(name) for name in files]
    missing = next((path for path in paths if not path.is_file()), None)
    if missing:
        raise PairsUnusable(f"{listed} names {missing}, which does not exist: unpack the data set again")
    first, second = places.reshape(-1, 2).T
    return KinPairs(paths, first, second, related == 1, folds)


def kin_crop(file: Path, detector: Detector) -> Pixels:
    """Align the face in a picture of KinFaceW, uint8 RGB (112, 112, 3).

    The pictures are so tightly cut and so small that they are enlarged and framed for the detector.
    """
    image = decode(file)
    large = cv2.resize(image, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
    roomy = np.asarray(cv2.copyMakeBorder(large, *(_MARGIN,) * 4, cv2.BORDER_CONSTANT), np.uint8)
    faces = detector.detect(roomy)
    return align(roomy, faces[0].landmarks if faces else _MEAN_LANDMARKS * _ENLARGED + _MARGIN)


@dataclass(frozen=True, eq=False)
class KinFaces:
    """One of the two sets: the pairs of each relation and the crops of their files, uint8 RGB (n, 112, 112, 3)."""

    pairs: dict[str, KinPairs]
    crops: dict[str, Pixels]

    @classmethod
    def load(cls, root: Path) -> KinFaces:
        """Read the pairs, and find and align every face.

        Raises:
            PairsUnusable: a list of pairs cannot be read, or names a picture that is missing.
        """
        pairs, detector = read_kinface(root), load_detector()
        crops = {}
        with progress_bar("faces", sum(len(listed.files) for listed in pairs.values()), "picture") as bar:
            for relation, listed in pairs.items():
                found = []
                for file in listed.files:
                    found.append(kin_crop(file, detector))
                    bar.update()
                crops[relation] = np.stack(found)
        return cls(pairs, crops)


def measure(faces: KinFaces, embed: Callable[[Pixels], Vectors]) -> dict[str, Any]:
    """Measure how well a model tells parents and children from strangers, with the figures of :func:`score`.

    Args:
        faces: one of the two sets.
        embed: function from crops, uint8 RGB (n, 112, 112, 3), to unit vectors, float32 (n, dimension).
    """
    return score(faces.pairs, {relation: embed(crops) for relation, crops in faces.crops.items()})


def score(pairs: dict[str, KinPairs], vectors: dict[str, Vectors]) -> dict[str, Any]:
    """AUC and accuracy of each relation, and their means, as the papers give them.

    Args:
        pairs: pairs of each relation.
        vectors: unit vectors of each relation's files, float32 (n, dimension).

    Returns:
        ``kin_auc``, ``kin_accuracy`` (the threshold for a fold taken from the other four), ``pairs``, ``by_relation``,
        and ``parents``, the ranks of children's parents among all parents as those of named doubles.
    """
    parts = {}
    for relation, listed in pairs.items():
        own = vectors[relation]
        similarity = (own[listed.first] * own[listed.second]).sum(axis=1)
        parts[relation] = {
            "pairs": len(listed.related),
            "auc": round(float(auc(roc_curve(similarity, listed.related))), 4),
            "accuracy": round(float(fold_accuracies(similarity, listed.related, listed.folds).mean()), 4),
        }
    return {
        "pairs": sum(part["pairs"] for part in parts.values()),
        "kin_auc": round(float(np.mean([part["auc"] for part in parts.values()])), 4),
        "kin_accuracy": round(float(np.mean([part["accuracy"] for part in parts.values()])), 4),
        "by_relation": parts,
        "parents": parents(pairs, vectors),
    }


def parents(pairs: dict[str, KinPairs], vectors: dict[str, Vectors]) -> dict[str, Any]:
    """Ask with each child for the parent, among the parents of all relations; pairs list the parent first.

    Returns:
        The figures of :func:`niteru.engine.evaluation.likeness.of_ranks`.
    """
    named = {
        relation: (listed.first[listed.related], listed.second[listed.related]) for relation, listed in pairs.items()
    }
    older = np.concatenate([vectors[relation][first] for relation, (first, _) in named.items()])
    children = np.concatenate([vectors[relation][second] for relation, (_, second) in named.items()])
    alike = children @ older.T
    ranks = 1 + (alike > np.diag(alike)[:, None]).sum(axis=1)
    both = np.arange(len(ranks))
    return of_ranks(ranks.astype(np.int64), np.stack([both, both + len(both)], axis=1), len(older))

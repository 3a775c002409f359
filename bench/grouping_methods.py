"""Ways to group faces that nobody has named: niteru's own, and those that others document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.average_linkage import Tokens, joined
from niteru.indexer.naming.grouping import group_faces
from niteru.indexer.naming.nearest_faces import nearest_pairs

Groups = NDArray[np.int64]
Method = Callable[[], Groups]

IMMICH_DISTANCE, IMMICH_FACES = 0.5, 3
"""Immich's defaults: maximum recognition distance (of cosines), and faces that make a person, the face itself among
them (https://docs.immich.app/features/facial-recognition)."""
DLIB_DISTANCE = 0.5
"""Distance below which dlib's own example links two faces (http://dlib.net/face_clustering.py.html)."""
DLIB_SCALE = 1.54
"""Distances of dlib's own vectors, which are longer than 1, by those of niteru-free: of one person and of strangers."""
_COSINES = np.arange(0.30, 0.90, 0.025)
"""Thresholds among which the best is chosen, by the very people that are measured."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Faces whose people are known.

    Attributes:
        name: what the table calls the set.
        vectors: of the model that is measured, float32 (n, dimension).
        dlib: unit vectors by dlib's network, float32 (n, 128).
        people: name of each face's person, (n,).
        model: the measured model's calibration.
        tokens: of the faces of photos that show several.
    """

    name: str
    vectors: Vectors
    dlib: Vectors
    people: NDArray[np.str_]
    model: Mapping[str, float]
    tokens: dict[int, Tokens] = field(default_factory=dict)


def methods(faces: FaceSet) -> Iterator[tuple[str, Method]]:
    """Yield names of methods and what runs them on a set of faces; those of the best threshold know the people."""
    from sklearn.cluster import HDBSCAN

    vectors = faces.vectors
    yield "niteru", lambda: group_faces(vectors, faces.model, tokens=faces.tokens)
    if faces.tokens:
        yield "niteru, not told who is in one photo", lambda: group_faces(vectors, faces.model)
    yield "average linkage, best threshold", lambda: _best((_linked(faces, at) for at in _COSINES), faces.people)
    yield "DBSCAN as in Immich", lambda: as_in_immich(vectors)
    yield "DBSCAN, best distance", lambda: at_best(vectors, faces.people)
    yield "HDBSCAN", lambda: _alone(HDBSCAN(copy=True).fit_predict(vectors))
    yield "HDBSCAN, groups from two on", lambda: _alone(HDBSCAN(min_cluster_size=2, copy=True).fit_predict(vectors))
    yield "Chinese whispers on dlib's vectors", lambda: _whispered(faces.dlib)


def as_in_immich(vectors: Vectors, distance: float = IMMICH_DISTANCE) -> Groups:
    """Group by DBSCAN with Immich's number of faces; a face that belongs to no group gets one of its own.

    Args:
        vectors: unit vectors, float32 (n, dimension).
        distance: of cosines, up to which two faces are neighbours.
    """
    from sklearn.cluster import DBSCAN

    distances = np.clip(1 - vectors @ vectors.T, 0, 2)
    return _alone(DBSCAN(eps=distance, min_samples=IMMICH_FACES, metric="precomputed").fit_predict(distances))


def at_best(vectors: Vectors, people: NDArray[np.str_]) -> Groups:
    """The same at the distance that suits the very people who are measured."""
    return _best((as_in_immich(vectors, 1 - at) for at in _COSINES), people)


def _linked(faces: FaceSet, threshold: float) -> Groups:
    count = len(faces.vectors)
    pairs = nearest_pairs(faces.vectors, np.ones(count, np.bool_), threshold)
    return joined(faces.vectors, np.arange(count), pairs, faces.tokens, lambda _: threshold)


def _best(candidates: Iterable[Groups], people: NDArray[np.str_]) -> Groups:
    return max(candidates, key=lambda groups: compare_groups(groups, people).f1)


def _whispered(vectors: Vectors) -> Groups:
    import dlib

    scaled = [dlib.vector(vector) for vector in (DLIB_SCALE * vectors).tolist()]
    return np.array(dlib.chinese_whispers_clustering(scaled, DLIB_DISTANCE), np.int64)


def _alone(labels: NDArray[Any]) -> Groups:
    """Give each face that belongs to no group one of its own."""
    return np.where(labels >= 0, labels, labels.max(initial=-1) + 1 + np.arange(len(labels))).astype(np.int64)

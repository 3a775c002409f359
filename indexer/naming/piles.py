"""Groups of faces as somebody looks them through: the largest first, and who each may be."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from niteru.engine.photos.person_name import group_number
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.grouping import COMMONEST
from niteru.indexer.naming.likeness_of_strangers import LikenessOfStrangers
from niteru.indexer.storage.backend import Backend

STRANGERS = 3.0
"""Strangers as near as that, expected among all people, from which a group is not said to be perhaps somebody."""
_BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class Pile:
    """A group of faces that nobody has named.

    Attributes:
        name: ``unnamed 12``.
        number: 12.
        faces: ids, those most like the others first.
        photos: number of photos that show them.
        perhaps: name of the person, or of the larger group, that it is nearest to, if so near that it may be them.
        similarity: cosine to them on average; 0 without.
    """

    name: str
    number: int
    faces: list[int]
    photos: int
    perhaps: str | None = None
    similarity: float = 0.0


class Piles(Sequence[Pile]):
    """The groups of a gallery that nobody has named, as they are at one moment: the largest first, then by number.

    Whom a pile may show is looked up when the pile is asked for.

    Args:
        gallery: an open one.
        before: its piles at an earlier moment, if they are at hand: how alike strangers are need not be measured again
            where the faces are the same.

    Attributes:
        faces: number of faces in all groups.
        named: number of faces of people with a name.
    """

    def __init__(self, gallery: Gallery, before: Piles | None = None) -> None:
        queries, model = gallery.catalog.queries, gallery.model()
        ids, people = queries.labelled_faces(model.id)
        vectors = queries.vectors(ids)
        self._photos = queries.photos_of_people()
        self._people, owner, self._sizes = np.unique(people, return_inverse=True, return_counts=True)
        names = gallery.catalog.labels.names()
        self._names = [names[person] for person in self._people.tolist()]
        self._numbers = np.array([group_number(name) or 0 for name in self._names], np.int64)
        sums = np.zeros((len(self._people), vectors.shape[1]), np.float32)
        np.add.at(sums, owner, vectors)
        self._means = sums / self._sizes[:, None]
        likeness = np.einsum("ij,ij->i", vectors, self._means[owner])
        self._faces = ids[np.lexsort((ids, -likeness, owner))]
        self._ends = np.cumsum(self._sizes)
        self._measured_of = model.id, ids
        self._strangers: LikenessOfStrangers | None = None
        if before is not None and self._measures_as(before):
            self._strangers = before._strangers
        if self._strangers is None and self._numbers.any():
            self._strangers, *_ = LikenessOfStrangers.among(vectors, model.calibration)
        groups = np.flatnonzero(self._numbers)
        self._order = groups[np.lexsort((self._numbers[groups], -self._sizes[groups]))]
        self.faces = int(self._sizes[groups].sum())
        self.named = len(ids) - self.faces

    def _measures_as(self, other: Piles) -> bool:
        (model, ids), (others_model, others_ids) = self._measured_of, other._measured_of
        return model == others_model and np.array_equal(ids, others_ids)

    @cached_property
    def _least(self) -> float:
        """Similarity from which a group may be somebody."""
        assert self._strangers is not None, "there are no groups"
        return self._strangers.reached_by(min(STRANGERS / max(len(self._people), 1), COMMONEST))

    @override
    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Pile: ...

    @overload
    def __getitem__(self, place: slice) -> list[Pile]: ...

    @override
    def __getitem__(self, place: int | slice) -> Pile | list[Pile]:
        rows = self._order[place]
        return self._piles(rows) if isinstance(place, slice) else self._piles(rows[None])[0]

    def of_number(self, number: int) -> Pile | None:
        """The pile of the group with a number; None if there is no such group, or not any more."""
        return next(iter(self._piles(np.flatnonzero(self._numbers == number))), None)

    def _piles(self, rows: NDArray[np.int64]) -> list[Pile]:
        parts = [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
        return [self._pile(row, *nearest) for part in parts for row, nearest in self._nearest(part)]

    def _pile(self, row: int, other: int, similarity: float) -> Pile:
        name, number = self._names[row], int(self._numbers[row])
        faces = self._faces[self._ends[row] - self._sizes[row] : self._ends[row]].tolist()
        photos = self._photos[int(self._people[row])]
        if similarity < self._least:
            return Pile(name, number, faces, photos)
        return Pile(name, number, faces, photos, self._names[other], round(similarity, 4))

    def _nearest(self, rows: NDArray[np.int64]) -> list[tuple[int, tuple[int, float]]]:
        """The nearest of the others to some groups, by average similarity.

        Of two groups that may be one, the smaller one is said to be perhaps the larger.
        """
        cosines = self._means[rows] @ self._means.T
        sizes, own, everybody = self._sizes[rows, None], rows[:, None], np.arange(len(self._people))
        smaller = (self._sizes < sizes) | ((self._sizes == sizes) & (everybody >= own))
        cosines[smaller & (self._numbers > 0)] = -1
        best = cosines.argmax(axis=1)
        found = zip(best.tolist(), cosines.max(axis=1).tolist(), strict=True)
        return list(zip(rows.tolist(), found, strict=True))


class LivePiles:
    """The piles of a gallery that others name meanwhile: read anew when its labels are others than before.

    Args:
        backend: of the gallery.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend, self._lock = backend, Lock()
        self._held: tuple[int, Piles] | None = None

    def current(self) -> Piles:
        """The piles as they are now.

        Raises:
            CatalogError: there is no gallery.
        """
        with self._lock, closing(Gallery(self._backend)) as gallery:
            state = _state(gallery)
            if self._held is None or self._held[0] != state:
                self._held = state, Piles(gallery, before=self._held[1] if self._held else None)
            return self._held[1]


def _state(gallery: Gallery) -> int:
    """Number that differs for another model, other labels of faces, and other names."""
    catalog = gallery.catalog
    return hash((gallery.model().id, *catalog.queries.person_of_faces().items(), *catalog.labels.names().items()))

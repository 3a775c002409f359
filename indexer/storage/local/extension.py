"""Extension of a generation: which of the next one's faces its sealed part has, and which come into a fresh one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.generations.generation import Listing
from niteru.indexer.storage.local.generation import LocalGeneration

LEAST_SEALED = 20_000
"""Faces from which a generation is extended: fewer are published whole within a second or two."""
MOST_CHANGED = 0.05
"""Share of the sealed faces that may have come, gone or changed hands since; calibration and recall are as then."""
MOST_FRESH = 100_000
"""Faces that may: comparing so many fresh ones takes two milliseconds."""


@dataclass(frozen=True, eq=False)
class Extension:
    """The next generation over the sealed part of the current one.

    Attributes:
        places: of each of its faces, int64 (n,), see :class:`~niteru.indexer.generations.index.two_parts.TwoPartIndex`.
        fresh: ids of the faces that the sealed part does not have, int64 (f,), in the order of their places.
        moved: how often a face has changed hands since the sealed part was made.
    """

    places: NDArray[np.int64]
    fresh: NDArray[np.int64]
    moved: int


def extension(current: LocalGeneration, listing: Listing, moved: int) -> Extension | None:
    """Lay out the next generation; None if too much has changed since the sealed part was made.

    Args:
        current: in one part or two.
        listing: the faces of the next one.
        moved: how often a face had changed hands when the current one was published.
    """
    sealed, its_places = current.places
    rows = np.minimum(np.searchsorted(current.face_ids, listing.face_ids), len(current.face_ids) - 1)
    known = current.face_ids[rows] == listing.face_ids
    places = np.where(known, its_places[rows], sealed)
    is_fresh = places >= sealed
    fresh = listing.face_ids[is_fresh]
    places[is_fresh] = sealed + np.arange(len(fresh))
    moved += int((current.person_ids[rows] != listing.person_ids)[known].sum())
    gone = sealed - int((~is_fresh).sum())
    if sealed < LEAST_SEALED or len(fresh) + gone + moved > min(MOST_CHANGED * sealed, MOST_FRESH):
        return None
    return Extension(places, fresh, moved)

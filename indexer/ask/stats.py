"""Statistics of a gallery: its size, its current generation, and its hubs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.column_summary import ColumnSummary
from niteru.indexer.generations.generation import Generation
from niteru.indexer.generations.hubness import hubs as hub_rows

SHOWN_HUBS = 20
LOOKED_AT = 65_536
"""Faces among which hubs are sought, at most."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A face that is a little like everybody, and its hubness: how much nearer than usual strangers are to it."""

    face: int
    photo: str
    person: str | None
    hubness: float


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers of a gallery.

    Attributes:
        people, photos: with a face.
        groups: of faces that nobody has named.
        faces: that are searched.
        unlabelled: faces that are not, for they are nobody's, or poor and without a name.
        generation: the current one; None before the first, as is everything below.
        model: id of the model that made the vectors.
        index: kind of the index.
        recall: share of the nearest faces of other people that the index finds.
        calibration: similarity of strangers by false match rate, and where that was measured.
        hubs: the faces nearest to everybody.
        columns: what tables say of the people, beside photos and names.
    """

    people: int
    groups: int
    photos: int
    faces: int
    unlabelled: int
    generation: int | None = None
    model: str | None = None
    index: str | None = None
    recall: float | None = None
    calibration: dict[str, Any] | None = None
    hubs: tuple[Hub, ...] = ()
    columns: tuple[ColumnSummary, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Dictionary for JSON, without calibration, hubs and columns where there is no generation."""
        numbers = asdict(self)
        if self.calibration is None:
            del numbers["calibration"], numbers["hubs"], numbers["columns"]
        return numbers


def stats(gallery: Gallery) -> Stats:
    """Count the catalogue, and describe the current generation.

    Raises:
        GenerationUnusable: the current generation is damaged.
    """
    counts: dict[str, Any] = gallery.catalog.queries.counts()
    if gallery.generations.current() is None:
        return Stats(**counts)
    current = gallery.generation
    calibration = current.calibration
    return Stats(
        **counts,
        generation=current.number,
        model=current.model,
        index=current.kind,
        recall=current.recall,
        calibration={"from": calibration.source, "pairs": calibration.pairs, "rates": calibration.table()},
        hubs=tuple(
            Hub(face.id, face.photo, face.person, round(hubness, 3)) for face, hubness in hubs(gallery, SHOWN_HUBS)
        ),
        columns=tuple(current.columns.summaries()),
    )


def hubs(gallery: Gallery, most: int) -> list[tuple[FaceRow, float]]:
    """Faces that are a little like everybody, with their hubness, the highest first; of many, some are looked at."""
    current: Generation = gallery.generation
    faces = current.face_ids
    if len(faces) > LOOKED_AT:
        faces = np.sort(np.random.default_rng(0).choice(faces, LOOKED_AT, replace=False))
    values = current.hubness_of(faces)
    rows = {int(faces[row]): float(values[row]) for row in hub_rows(values)}
    known = gallery.catalog.queries.faces(rows)
    return [(known[face], hubness) for face, hubness in rows.items() if face in known][:most]

"""Faces of a generation as rows of a collection: written when it is published, read at most once a request."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from niteru.engine import Vectors
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.generations.columns import PersonColumns
from niteru.indexer.generations.generation import Contents
from niteru.indexer.storage.milvus.store import MOST_NEAREST, TEXT, Row, Store, text

NOBODY = -1
NAMED = f"person_id > {NOBODY}"
KEY = "id"
FIELDS: dict[str, Any] = {
    KEY: int,
    "person_id": int,
    "person": 1_024,
    "photo": 8_192,
    "faces": int,
    "x": int,
    "y": int,
    "width": int,
    "height": int,
    "landmarks": 256,
    "score": float,
    "quality": 1_024,
    "second": float,
    "hubness": float,
    "taken": int,
    "columns": TEXT,
}
"""Columns and their types: ``person_id`` is -1 for a face without a name, ``second`` is -1 in a photo, ``faces`` is the
number of the person's faces, ``taken`` the photo's date, 0 where it is not known, and ``columns`` are the person's, as
JSON; the first of their faces has them."""
ALL = [*FIELDS, "vector"]
_AT_ONCE = 1_000


def rows_of(catalog: Catalog, contents: Contents) -> Iterator[Row]:
    """Rows of all faces that a model embedded, labelled or not, with their vectors.

    Args:
        catalog: to read.
        contents: what is published of the labelled ones.
    """
    labelled = contents.face_ids.tolist()
    owner = dict(zip(labelled, contents.person_ids.tolist(), strict=True))
    hubness = contents.strangers.hubness(contents.vectors, contents.person_ids)
    hubness_of = dict(zip(labelled, hubness.tolist(), strict=True))
    taken = dict(zip(labelled, contents.taken.tolist(), strict=True))
    ids, counts = np.unique(contents.person_ids, return_counts=True)
    faces = dict(zip(ids.tolist(), counts.tolist(), strict=True))
    columns = contents.columns.by_person()
    everyone = sorted(catalog.queries.face_ids())
    for start in range(0, len(everyone), _AT_ONCE):
        some = everyone[start : start + _AT_ONCE]
        known = catalog.queries.faces(some)
        for face in catalog.queries.vectors_of_faces(some, contents.model):
            row, person = known[face.face], owner.get(face.face, NOBODY)
            yield {
                "id": row.id,
                "person_id": person,
                "person": row.person if person != NOBODY and row.person else "",
                "photo": row.photo,
                "faces": faces.get(person, 0),
                **dict(zip(("x", "y", "width", "height"), map(int, row.box), strict=True)),
                "landmarks": base64.b64encode(row.points).decode(),
                "score": float(row.score),
                "quality": json.dumps(row.quality),
                "second": -1.0 if row.second is None else float(row.second),
                "hubness": float(hubness_of.get(row.id, 0.0)),
                "taken": taken.get(row.id, 0),
                "columns": _as_pairs(columns.pop(person, {})),
                "vector": face.vector.tolist(),
            }


def _as_pairs(columns: PersonColumns) -> str:
    return json.dumps([(name, value) for name, values in columns.items() for value in values], ensure_ascii=False)


class FaceRows:
    """Reader of a generation's rows that remembers them, for one question needs the same few several times.

    Args:
        store: connection to Milvus.
        collection: of the generation.
        strong: whether reads must see every write before them.
    """

    def __init__(self, store: Store, collection: str, *, strong: bool) -> None:
        self._store, self._collection, self._strong = store, collection, strong
        self._known: dict[int, Row] = {}

    def get(self, ids: Iterable[int]) -> dict[int, Row]:
        """Rows of the faces with these ids, by id; faces that are gone are left out."""
        wanted = [int(face) for face in ids]
        missing = [face for face in wanted if face not in self._known]
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            self.keep(self._store.rows(self._collection, ALL, f"id in {some}", strong=self._strong))
        return {face: self._known[face] for face in wanted if face in self._known}

    def keep(self, rows: Iterable[Row]) -> None:
        """Remember rows that a search brought."""
        self._known |= {int(row["id"]): row for row in rows}

    def where(self, which: str) -> list[Row]:
        """Rows that satisfy an expression, sorted by id."""
        rows = sorted(self._store.rows(self._collection, ALL, which, most=MOST_NEAREST, strong=self._strong), key=_id)
        self.keep(rows)
        return rows

    def of_photo(self, ref: str) -> list[FaceRow]:
        """The faces of a photo, the labelled one first."""
        return [
            face_row(row)
            for row in sorted(self.where(f"photo == {text(ref)}"), key=lambda row: row["person_id"] == NOBODY)
        ]

    def of_person(self, name: str) -> list[FaceRow]:
        """A person's labelled faces, sorted by photo."""
        return sorted(
            (face_row(row) for row in self.where(f"{NAMED} and person == {text(name)}")), key=lambda row: row.photo
        )

    def faces(self, ids: Iterable[int]) -> dict[int, FaceRow]:
        """The faces with these ids, by id; faces that are gone are left out."""
        return {face: face_row(row) for face, row in self.get(ids).items()}

    def people(self) -> list[tuple[int, str, int]]:
        """Id, name and number of faces of everybody, sorted by name; reads a few columns of every row."""
        rows = self._store.all_rows(self._collection, [KEY, "person_id", "person", "faces"], NAMED)
        known = {row["person_id"]: (int(row["person_id"]), str(row["person"]), int(row["faces"])) for row in rows}
        return sorted(known.values(), key=lambda person: person[1])

    def count_of(self, person: int) -> int:
        """Number of labelled faces of a person, by id."""
        known = next((row for row in self._known.values() if row["person_id"] == person), None)
        if known is None:
            known = next(
                iter(self._store.rows(self._collection, ALL, f"person_id == {person}", most=1, strong=self._strong)),
                None,
            )
        return 0 if known is None else int(known["faces"])

    def vectors(self, ids: list[int]) -> Vectors:
        """Vectors of faces that are there, float32 (n, dimension)."""
        known = self.get(ids)
        return np.array([known[face]["vector"] for face in ids], np.float32)


def face_row(row: Row) -> FaceRow:
    """The face in a row, as the catalogue would return it."""
    nobody = row["person_id"] == NOBODY
    return FaceRow(
        id=int(row["id"]),
        photo=row["photo"],
        person_id=None if nobody else int(row["person_id"]),
        person=None if nobody else row["person"],
        box=(int(row["x"]), int(row["y"]), int(row["width"]), int(row["height"])),
        points=base64.b64decode(row["landmarks"]),
        score=row["score"],
        quality=json.loads(row["quality"]),
        second=None if row["second"] < 0 else float(row["second"]),
    )


def _id(row: Row) -> int:
    return int(row["id"])

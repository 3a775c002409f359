"""Generation store in Milvus: each generation is a collection, and an alias is switched to the current one."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from typing_extensions import override

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import Contents, Generation, GenerationUnusable, IndexChoice, about_index
from niteru.indexer.generations.generation_store import KEPT, GenerationStore
from niteru.indexer.generations.index import FlatIndex, HnswIndex, IvfPqIndex, kind_for
from niteru.indexer.generations.index.base import Similarities
from niteru.indexer.generations.index.recall import RecallTooLow, least_effort
from niteru.indexer.generations.rarity_calibration import Calibration
from niteru.indexer.storage.milvus.generation import MilvusGeneration
from niteru.indexer.storage.milvus.rows import FIELDS, KEY, rows_of
from niteru.indexer.storage.milvus.store import TEXT, Row, Store, text

log = logging.getLogger("niteru")
MANIFEST, CALIBRATION, CANARY = "manifest", "calibration", "canary"
_PARTS = (MANIFEST, CALIBRATION, CANARY)
_LAST = "last"
_KINDS = {FlatIndex.kind: "FLAT", HnswIndex.kind: "HNSW", IvfPqIndex.kind: "HNSW"}
_CHUNK = TEXT - 1_535


class MilvusGenerationStore(GenerationStore):
    """Generation store of one gallery in Milvus.

    Args:
        store: connection to Milvus.
        alias: name of the gallery, which is the alias of the current generation's collection.
        catalog: file of this machine's copy of the catalogue, which generations are published from.
        address: of the gallery, for messages.
        check: raises where this machine no longer holds the lease.
    """

    hold_labels = True

    def __init__(self, store: Store, alias: str, catalog: Path, address: str, check: Callable[[], None]) -> None:
        self.name, self._store, self._alias, self._catalog, self._check = address, store, alias, catalog, check
        self._parts = f"{alias}__shelf"

    @override
    def current(self) -> int | None:
        collection = self._store.behind(self._alias)
        return None if collection is None else int(collection.rpartition("_g")[2])

    @override
    def published(self) -> list[int]:
        if not self._store.has(self._parts):
            return []
        there = set(self._store.collections(rf"{self._alias}__g\d+"))
        found = self._store.rows(self._parts, ["key"], f'key like "{MANIFEST}/%"')
        numbers = {int(row["key"].split("/")[1]) for row in found}
        return sorted(number for number in numbers if self._collection(number) in there)

    @override
    def manifest(self, number: int) -> dict[str, Any]:
        return dict(json.loads(self._part(MANIFEST, number)))

    @override
    def canary(self, number: int) -> Canary:
        return Canary.load(io.BytesIO(base64.b64decode(self._part(CANARY, number))))

    @override
    def _open(self, number: int, *, thoroughly: bool) -> Generation:
        manifest = self.manifest(number)
        calibration = Calibration.from_json(self._part(CALIBRATION, number))
        collection = self._collection(number)
        if not self._store.has(collection):
            raise GenerationUnusable(f"{self.name}: generation {number} is missing: run niteru index")
        self._store.wake(collection)
        return MilvusGeneration(manifest, calibration, self.canary(number), self._store, collection)

    @override
    def publish(self, contents: Contents, choice: IndexChoice) -> int:
        if not self._store.has(self._parts):
            self._store.make(self._parts, "key", {"key": 256, "body": TEXT})
        self.sweep()
        number = self._last() + 1
        self._store.put(self._parts, [_row(_LAST, str(number))])
        kind = self._kind(choice, len(contents.face_ids))
        collection = self._collection(number)
        self._store.make(collection, KEY, FIELDS, contents.vectors.shape[1], _KINDS[kind])
        with closing(Catalog(self._catalog, readonly=True)) as catalog:
            count = self._store.put(collection, rows_of(catalog, contents))
        self._store.settle(collection)
        if self._store.count(collection) != count:
            raise GenerationUnusable(
                f"{self.name}: some of the {count} faces did not arrive in Milvus: run niteru index again"
            )
        dimension = contents.vectors.shape[1]
        untuned = contents.manifest(number) | about_index(kind, 0, 1.0, dimension)
        effort, recall = self._tuned(contents, choice, kind, untuned, collection)
        manifest = untuned | about_index(kind, effort, recall, dimension)
        self._store.put(self._parts, self._rows(number, manifest, contents))
        self._check()
        self._point_to(number)
        for old in self.published()[:-KEPT]:
            self.discard(old)
        for older in self.published()[:-2]:  # a service may still search the previous one
            self._store.rest(self._collection(older))
        return number

    def _kind(self, choice: IndexChoice, faces: int) -> str:
        kind = kind_for(choice.kind, faces).kind
        if kind not in _KINDS:
            raise GenerationUnusable(f"Milvus has no index of kind {kind}: use niteru index --kind flat, hnsw or auto")
        return HnswIndex.kind if kind == IvfPqIndex.kind else kind

    def _tuned(
        self, contents: Contents, choice: IndexChoice, kind: str, manifest: dict[str, Any], collection: str
    ) -> tuple[int, float]:
        """Least effort of a search with enough recall, and the recall that it reaches."""
        if kind == FlatIndex.kind:
            return 0, 1.0
        opened = MilvusGeneration(manifest, contents.calibration, contents.canary, self._store, collection)

        def search(effort: int, row: int, k: int) -> Similarities:
            opened.effort = effort
            return opened.nearest(contents.vectors[row], k, int(contents.person_ids[row])).similarities

        try:
            return least_effort(
                kind, HnswIndex.EFFORTS, search, contents.vectors, contents.person_ids, choice.least_recall
            )
        except RecallTooLow as error:
            if not choice.in_any_case:
                self._store.drop(collection)
                raise
            log.warning("%s; published all the same, since the forgotten must not stay in the old one", error)
            return HnswIndex.EFFORTS[-1], error.recall

    def _rows(self, number: int, manifest: dict[str, Any], contents: Contents) -> Iterator[Row]:
        canary = io.BytesIO()
        contents.canary.save(canary)
        parts = {
            CANARY: base64.b64encode(canary.getvalue()).decode(),
            CALIBRATION: contents.calibration.to_json(),
            MANIFEST: json.dumps(manifest),
        }
        for part, body in parts.items():
            for chunk, start in enumerate(range(0, len(body), _CHUNK)):
                yield _row(f"{part}/{number:06d}/{chunk:04d}", body[start : start + _CHUNK])

    def _part(self, part: str, number: int) -> str:
        found: list[Row] = []
        if self._store.has(self._parts):
            found = self._store.rows(self._parts, ["key", "body"], f'key like "{part}/{number:06d}/%"')
        if not found:
            raise GenerationUnusable(f"{self.name}: generation {number} has no {part}: run niteru index")
        return "".join(row["body"] for row in sorted(found, key=lambda row: str(row["key"])))

    @override
    def _point_to(self, number: int) -> None:
        self._store.wake(self._collection(number))
        self._store.point(self._alias, self._collection(number))

    @override
    def withdraw(self) -> None:
        self._store.unpoint(self._alias)
        for number in self.published():
            self.discard(number)
        self.sweep()

    @override
    def discard(self, number: int) -> None:
        if number != self.current():
            self._store.drop(self._collection(number))
            self._drop_parts(number)

    @override
    def sweep(self) -> None:
        current = self._store.behind(self._alias)
        whole = {self._collection(number) for number in self.published()}
        for collection in self._store.collections(rf"{self._alias}__g\d+"):
            if collection not in whole and collection != current:
                self._store.drop(collection)

    def forget(self, faces: list[int]) -> None:
        """Remove faces from all kept generations at once, before the next one is published."""
        for number in self.published():
            self._store.delete(self._collection(number), faces)

    def _drop_parts(self, number: int) -> None:
        for part in _PARTS:
            found = self._store.rows(self._parts, ["key"], f'key like "{part}/{number:06d}/%"')
            self._store.delete(self._parts, [row["key"] for row in found])

    def _last(self) -> int:
        """Highest number given so far, to withdrawn generations as well."""
        found = self._store.rows(self._parts, ["body"], f"key == {text(_LAST)}")
        return int(found[0]["body"]) if found else 0

    def _collection(self, number: int) -> str:
        return f"{self._alias}__g{number:06d}"


def _row(key: str, body: str) -> Row:
    return {"key": key, "body": body, "vector": [0.0, 0.0]}

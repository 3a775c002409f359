"""A run settles only what was touched since the last one, and comes to what looking at everything again comes to."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.faces.alignment import TEMPLATE
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.engine.networks.model_folder import read_info
from niteru.engine.photos.names.named import NamedRegion, NamesFound, Source
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.database import _scripts
from niteru.indexer.catalog.rescue import is_damaged
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.albums import LEAST_PHOTOS
from niteru.indexer.naming.labels import settle_labels
from niteru.indexer.storage.local import extension
from niteru.indexer.update.enrol import update
from niteru.indexer.update.publishing import publish_faces
from niteru.indexer.update.verifying import verify
from support.drawn import DrawnFolder

MODEL = read_info(find_model(None), ModelInfo)
FOLDERS = ("", "ada", "bo", "cy", "party")
PEOPLE = 6
"""People who are seen, in whatever folder."""

folder, who, slot = st.sampled_from(FOLDERS), st.integers(0, PEOPLE - 1), st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("put"), folder, slot, st.lists(who, min_size=1, max_size=3, unique=True)),
    st.tuples(st.just("put"), folder, slot, st.lists(who, min_size=1, max_size=3, unique=True)),
    st.tuples(st.just("fill"), folder),
    st.tuples(st.just("move"), folder, slot, folder, slot),
    st.tuples(st.just("remove"), folder, slot),
    st.tuples(st.just("say"), slot, st.sampled_from(("ada", "bo", "dora"))),
    st.tuples(st.just("set_aside"), slot),
    st.tuples(st.just("rename"), st.sampled_from(("ada", "bo")), st.sampled_from(("eve", "cy"))),
    st.tuples(st.just("claim"), folder, slot, st.sampled_from(("ada", "Fay"))),
    st.tuples(
        st.just("take_back"),
    ),
)


class World:
    """A catalogue of made-up faces, whose labels are settled after each step."""

    def __init__(self, root: Path) -> None:
        self.root, self.file = root, root / "catalog.sqlite"
        self.catalog, self.rng, self.number = Catalog(self.file), np.random.default_rng(0), 0
        self.looks = self._unit(self.rng.normal(size=(PEOPLE, MODEL.dimension)))

    def _unit(self, vectors: np.ndarray) -> np.ndarray:
        return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)

    def put(self, folder: str, slot: int, seen: list[int]) -> None:
        self.number += 1
        ref = f"{folder}/{slot}.jpg"
        photo = PhotoFile(ref, folder, f"{self.number:064d}", 1, self.number, "crops", None)
        faces = []
        for place, one in enumerate(seen):
            vector = self._unit(self.looks[one] + self.rng.normal(size=MODEL.dimension) * 0.02)
            face = Face((place * 200, 0, 112, 112), TEMPLATE, 1.0)
            faces.append((DetectedFace(face, np.zeros((1, 1, 3), np.uint8), ()), vector))
        self.catalog.put_photo(photo, faces, MODEL.id)

    def fill(self, folder: str) -> None:
        """Photos enough to tell whether a folder is an album."""
        for slot in range(10, 10 + LEAST_PHOTOS):
            self.put(folder, slot, [slot % PEOPLE])

    def move(self, folder: str, slot: int, other: str, other_slot: int) -> None:
        ref, new = f"{folder}/{slot}.jpg", f"{other}/{other_slot}.jpg"
        known = self.catalog.queries.photos()
        if ref in known and new not in known:
            self.catalog.move_photo(ref, PhotoFile(new, other, known[ref].sha256, 1, 1, "crops", None))

    def remove(self, folder: str, slot: int) -> None:
        self.catalog.remove_photo(f"{folder}/{slot}.jpg")

    def _some(self, slot: int) -> list[int]:
        return sorted(self.catalog.queries.face_ids())[slot : slot + 2]

    def say(self, slot: int, name: str) -> None:
        verdicts = self.catalog.verdicts
        verdicts.give(verdicts.next_step(), self._some(slot), VerdictKind.PERSON, name)

    def set_aside(self, slot: int) -> None:
        self.catalog.verdicts.give(self.catalog.verdicts.next_step(), self._some(slot), VerdictKind.NOBODY)

    def rename(self, old: str, new: str) -> None:
        self.catalog.verdicts.rename(self.catalog.verdicts.next_step(), old, new)

    def claim(self, folder: str, slot: int, name: str) -> None:
        if (ref := f"{folder}/{slot}.jpg") in self.catalog.queries.photos():
            region = NamedRegion(name, RelativeBox(0, 0, 0.112, 0.112), (Source.MWG,))
            self.catalog.claims.put(ref, "mark", NamesFound((region,), {}, size=(1000, 1000)))

    def take_back(self) -> None:
        self.catalog.verdicts.take_back()

    def settle(self) -> None:
        with self.catalog.transaction():
            settle_labels(self.catalog, MODEL)
            self.catalog.history.record()
            self.catalog.labels.note_settled()

    def assert_everything_is_settled(self) -> None:
        """In a copy in which all folders are looked at again, nothing changes, and nobody came or went."""
        aside = self.root / "aside.sqlite"
        with closing(sqlite3.connect(self.file)) as here, closing(sqlite3.connect(aside)) as there:
            here.backup(there)
        with closing(Catalog(aside)) as again:
            before, last = labels_of(again), again.history.last()
            with again.transaction():
                again.labels.touch_all()
                settle_labels(again, MODEL)
                again.history.record_in_silence()
            assert labels_of(again) == before
            assert again.history.last() == last, "everybody's number of photos is noted"
            assert again.queries.damages() == []
        aside.unlink()


def labels_of(catalog: Catalog) -> list[tuple[Any, ...]]:
    names = catalog.labels.names()
    return sorted((face, names[person]) for face, person in catalog.queries.person_of_faces().items()) + sorted(
        (name,) for name in names.values()
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=2, max_size=9))
def test_whatever_happens_what_was_not_touched_is_as_it_would_be(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[tuple[Any, ...]]]
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    for at_once in steps:
        for what, *about in at_once:
            with world.catalog.transaction():
                getattr(world, what)(*about)
        world.settle()
        world.assert_everything_is_settled()
    world.catalog.close()
    shutil.rmtree(world.root)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with closing(world.catalog):
        with world.catalog.transaction():
            for name in ("ada", "bo"):
                for slot in range(3):
                    world.put(name, slot, [FOLDERS.index(name), 3] if slot == 0 else [FOLDERS.index(name)])
        world.settle()
        yield world


def touched(world: World) -> set[str]:
    names = world.catalog.labels.names()
    return {names[row[0]] for row in world.catalog._db.execute("SELECT person_id FROM touched")}


def test_only_folders_that_were_touched_are_looked_at(world: World) -> None:
    assert touched(world) == set()
    with world.catalog.transaction():
        world.put("ada", 5, [1, 2])
    assert touched(world) == {"ada"}
    ada = world.catalog.labels.id_of("ada")
    assert {face.folder for face in world.catalog.labels.unsettled([])} == {ada}
    world.settle()
    assert touched(world) == set()


def test_a_face_that_joins_a_group_may_be_anywhere(world: World) -> None:
    """Whoever is beside ada in one photo and beside bo in another is one group, which a third photo joins."""
    groups = world.catalog.labels.groups()
    assert len(groups) == 1
    with world.catalog.transaction():
        world.put("cy", 0, [4, 3])
    world.settle()
    assert world.catalog.labels.groups() == groups
    assert len([1 for person in world.catalog.queries.person_of_faces().values() if person in groups]) == 3


def test_another_rule_settles_everything_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = list[int]()
    unsettled = type(world.catalog.labels).unsettled

    def look(labels: Any, misnamed: Any) -> Any:
        looked.append(labels._db.execute("SELECT count(*) FROM touched").fetchone()[0])
        return unsettled(labels, misnamed)

    monkeypatch.setattr(type(world.catalog.labels), "unsettled", look)
    world.settle()
    monkeypatch.setattr("niteru.indexer.naming.labels.RULE", 0)
    world.settle()
    world.settle()
    assert looked[0] == looked[2] == 0 < looked[1]


def test_a_run_that_was_killed_before_labels_were_settled_leaves_it_to_the_next(world: World) -> None:
    with world.catalog.transaction():
        world.put("ada", 5, [2, 1])
    world.catalog.close()
    world.catalog = Catalog(world.file)
    assert touched(world) == {"ada"}
    world.settle()
    world.assert_everything_is_settled()


def as_before_migration(file: Path) -> None:
    """Take a catalogue back to the schema of before."""
    with closing(sqlite3.connect(file)) as database:
        made = re.findall(r"CREATE (TRIGGER|TABLE) (\w+)", _scripts()[10])
        for kind, name in sorted(made, reverse=True):  # triggers first
            database.execute(f"DROP {kind} {name}")
        database.executescript(
            "DROP INDEX faces_photo; DROP INDEX photos_person; CREATE INDEX faces_photo ON faces (photo_id);"
            "CREATE INDEX photos_person ON photos (person_id);"
            "DELETE FROM meta WHERE key = 'settled_by'; PRAGMA user_version = 10;"
        )


def test_a_gallery_of_before_is_looked_at_as_a_whole_once(tmp_path: Path, faces: DrawnFolder) -> None:
    gallery = tmp_path / "gallery"
    assert update(gallery, faces.folder, crops=True).generation == 1
    as_before_migration(gallery / "catalog.sqlite")
    with closing(Catalog(gallery / "catalog.sqlite")) as catalog:
        assert len(catalog.dates.undated()) == 18
        assert catalog._db.execute("SELECT count(*) FROM touched").fetchone() == (6,)
        assert catalog.queries.damages() == []
    summary = update(gallery, faces.folder, crops=True)
    assert (summary.generation, bool(summary.people_changed)) == (1, False)
    with closing(Catalog(gallery / "catalog.sqlite")) as catalog:
        assert len(catalog.dates.undated()) == 0
    assert verify(gallery).problems == []


def test_crops_of_a_killed_run_are_removed_and_others_stay(tmp_path: Path, faces: DrawnFolder) -> None:
    gallery = tmp_path / "gallery"
    update(gallery, faces.folder, crops=True)
    with closing(Gallery(gallery)) as opened:
        ids = opened.catalog.queries.face_ids()
        opened.crops.save(9_999, np.zeros((112, 112, 3), np.uint8))
        update(gallery, faces.folder, crops=True)
        assert opened.crops.sizes().keys() == ids
        (faces.folder / faces.ref(0, 1)).unlink()
        update(gallery, faces.folder, crops=True)
        assert opened.crops.sizes().keys() < ids and len(opened.crops.sizes()) == len(ids) - 1


def test_ten_photos_more_read_no_table_from_end_to_end(
    tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the people: what is asked of all photos and faces is answered by an index, which has no vectors."""
    monkeypatch.setattr(extension, "LEAST_SEALED", 1)
    update(tmp_path / "gallery", faces.folder, crops=True)
    with closing(Gallery(tmp_path / "gallery", readonly=False)) as gallery:
        asked, database = list[str](), gallery.catalog._db
        with gallery.catalog.transaction():
            gallery.catalog.remove_photo(faces.ref(0, 1))
        database.set_trace_callback(asked.append)
        publish_faces(gallery, Embedder(gallery.model_folder()), "crops")
        database.set_trace_callback(None)
        read = {
            (step, one)
            for one in asked
            if re.match(r"SELECT|UPDATE|DELETE|INSERT", one)
            for *_, step in database.execute(f"EXPLAIN QUERY PLAN {one}")
            if re.match(r"SCAN (faces|f|o|photos|p|picture_dates|d)\b", step) and "COVERING" not in step
        }
    assert len(asked) > 50
    assert read == set()


def test_a_damaged_note_is_noticed(world: World) -> None:
    """Else a folder would stay as it is, whatever came into it."""
    with world.catalog.transaction():
        world.put("ada", 5, [2, 1])
    with closing(sqlite3.connect(world.file)) as database, database:
        database.execute("UPDATE touched SET person_id = person_id + 64")
    (damage,) = world.catalog.queries.damages()
    assert "rows of touched" in damage
    assert is_damaged(world.file)

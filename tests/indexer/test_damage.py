"""Damaged files are told from sound ones, and indexing restores what the photos can restore."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.damage import PEOPLE, PHOTOS, Sample, answer_of, crops_of, problems
from niteru.engine.failure import Failure
from niteru.indexer.catalog.connection import CatalogDamaged
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.adding import add
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.mending import CROPS_AT_ONCE, CropsCheck, WouldLose
from niteru.indexer.update.verifying import verify
from support.command import niteru
from support.drawings import draw_folder

PARTS = ("CURRENT", "catalog.sqlite", "crops/0000/1.jpg", "calibration.json", "canary.npz", "strangers.npz", "vectors")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    root = tmp_path_factory.mktemp("sample")
    draw_folder(root / "photos", PEOPLE, PHOTOS)
    return Sample.make(root)


@pytest.mark.parametrize("part", [*PARTS, "manifest.json", "rows.npy"])
def test_no_damage_is_believed_and_all_of_it_is_mended(sample: Sample, part: str, tmp_path: Path) -> None:
    (name,) = (one for one in sample.parts() if one.endswith(part))
    for number in range(8):
        assert list(problems(sample, name, number, tmp_path)) == [], number


def replaced(file: Path, old: bytes, new: bytes) -> None:
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))


def settled(folder: Path) -> Path:
    """The catalogue's file, with all of it in the file itself."""
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "catalog.sqlite"


def test_a_changed_letter_of_a_name_is_told_and_mended(gallery: Gallery, faces) -> None:
    folder, name = gallery.folder, faces.names[2]
    right = answer_of(folder)
    gallery.close()
    replaced(settled(folder), name.encode(), name[:-1].encode() + b"~")
    for command in ("people", "verify"):
        told = niteru(command, "--gallery", folder)
        assert told.returncode == 1
        assert "Traceback" not in told.stderr
        assert "damaged" in told.stdout + told.stderr
    summary = update(folder, faces.folder, crops=True)
    assert summary.mended is not None
    assert "the catalogue was damaged" in summary.mended
    assert answer_of(folder) == right
    assert verify(folder).problems == []


@pytest.mark.parametrize("number", [21, 2**24])
def test_a_changed_number_of_the_schema_is_damage_and_no_newer_niteru(gallery: Gallery, faces, number: int) -> None:
    folder = gallery.folder
    right = answer_of(folder)
    gallery.close()
    with closing(sqlite3.connect(settled(folder))) as database:
        database.execute(f"PRAGMA user_version = {number}")
    with pytest.raises(CatalogDamaged, match=f"says schema {number}"):
        Gallery(folder)
    assert update(folder, faces.folder, crops=True).mended
    assert answer_of(folder) == right
    assert verify(folder).problems == []


def test_a_missing_person_is_told_and_mended(gallery: Gallery, faces) -> None:
    folder = gallery.folder
    right = answer_of(folder)
    gallery.close()
    with closing(sqlite3.connect(settled(folder))) as database, database:
        database.execute("DELETE FROM people WHERE id = (SELECT person_id FROM faces LIMIT 1)")
    with pytest.raises(CatalogDamaged, match="a person is missing"):
        answer_of(folder)
    assert "missing ones" in " ".join(verify(folder).problems)
    assert update(folder, faces.folder, crops=True).mended
    assert answer_of(folder) == right
    assert verify(folder).problems == []


def test_a_file_that_is_no_catalogue_any_more_asks_before_the_forgotten_come_back(gallery: Gallery, faces) -> None:
    folder = gallery.folder
    gallery.close()
    forget(folder, faces.names[0])
    settled(folder).write_bytes(b"\0" * 4096)
    with pytest.raises(CatalogDamaged, match="niteru index FOLDER mends"):
        Gallery(folder)
    with pytest.raises(WouldLose, match="keeps forgotten people out"):
        update(folder, faces.folder, crops=True, agree=lambda _: False)
    assert (folder / "catalog.sqlite").read_bytes() == b"\0" * 4096
    assert not list(folder.glob("*.rescued*")), "nothing would ever forget the people in it"
    assert update(folder, faces.folder, crops=True, agree=lambda _: True).people == len(faces.names)


def test_who_was_forgotten_stays_so_through_a_rescue(gallery: Gallery, faces) -> None:
    folder = gallery.folder
    gallery.close()
    forget(folder, faces.names[0])
    replaced(settled(folder), faces.names[1].encode(), b"~" * len(faces.names[1].encode()))
    assert update(folder, faces.folder, crops=True).people == len(faces.names) - 1
    assert faces.names[0] not in {person for _, person, *_ in answer_of(folder)}


def test_what_was_added_by_hand_is_not_lost_without_a_question(gallery: Gallery, faces) -> None:
    folder = gallery.folder
    gallery.close()
    add(folder, "Guest", [faces.folder / faces.ref(3)])
    replaced(settled(folder), b"Guest/", b"Guess/")
    with pytest.raises(WouldLose, match="added by hand"):
        update(folder, faces.folder, crops=True, agree=lambda _: False)


def test_face_numbers_are_not_given_twice_by_a_rescue(gallery: Gallery, faces) -> None:
    folder = gallery.folder
    before = gallery.catalog.queries.face_ids()
    last = gallery.catalog.queries.faces([max(before)])[max(before)].person
    gallery.close()
    assert last is not None
    replaced(settled(folder), last.encode(), b"~" * len(last.encode()))
    update(folder, faces.folder, crops=True)
    with closing(Gallery(folder)) as mended:
        new = mended.catalog.queries.face_ids() - before
    assert new
    assert min(new) > max(before)


def test_a_bit_of_a_crop_and_a_crop_of_another_face_are_mended(gallery: Gallery, faces) -> None:
    first, second, *_ = sorted(gallery.catalog.queries.face_ids())
    right = crops_of(gallery.folder)
    flipped = bytearray(Path(gallery.crops.path(first)).read_bytes())
    flipped[len(flipped) // 2] ^= 1
    Path(gallery.crops.path(first)).write_bytes(flipped)
    Path(gallery.crops.path(second)).write_bytes(Path(gallery.crops.path(second + 5)).read_bytes())
    assert gallery.crop(first) is None
    assert gallery.crop(second) is None
    assert len(update(gallery.folder, faces.folder, crops=True).changed) == 2
    assert crops_of(gallery.folder) == right


@pytest.mark.parametrize("place", [2, 3, 6, 10])
def test_a_crop_with_a_damaged_seal_is_not_taken_for_one_from_before_seals(gallery: Gallery, faces, place: int) -> None:
    face = min(gallery.catalog.queries.face_ids())
    file, right = Path(gallery.crops.path(face)), crops_of(gallery.folder)
    damaged = bytearray(file.read_bytes())
    damaged[place] ^= 1
    damaged[len(damaged) // 2] ^= 1
    file.write_bytes(damaged)
    assert gallery.crop(face) is None
    assert update(gallery.folder, faces.folder, crops=True).changed
    assert crops_of(gallery.folder) == right


def test_many_crops_are_checked_in_turns(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niteru.indexer.update.mending.CROPS_AT_ONCE", 7)
    assert CROPS_AT_ONCE > 7
    ids = sorted(gallery.catalog.queries.face_ids())
    seen: list[int] = []
    monkeypatch.setattr(type(gallery.crops), "damaged", lambda _, some: seen.extend(some) or [])
    with Gallery.writing(gallery.folder) as writing:
        for _ in range(3):
            check = CropsCheck(writing)
            with writing.catalog.transaction():
                check.remember(writing.catalog)
    assert seen[:18] == ids
    assert len(seen) == 21


def test_random_bytes_are_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(random.Random(1).randbytes(5000))
    with pytest.raises(Failure, match="is damaged"):
        Gallery(tmp_path)


def test_a_group_may_write_as_the_umask_allows(tmp_path: Path, faces) -> None:
    import os

    before = os.umask(0)
    try:
        update(tmp_path / "shared", faces.folder, crops=True)
    finally:
        os.umask(before)
    assert (tmp_path / "shared" / "catalog.sqlite").stat().st_mode & 0o777 == 0o666

"""A gallery that niteru 0.1.0 made, brought up to date: nothing that a person did with it is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import niteru
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.connection import CatalogDamaged
from niteru.indexer.catalog.rescue import rescue

ARCHIVE = Path(__file__).with_name("gallery-0.1.0.tar.xz")
SCHEMA = 3
"""Schema of its catalogue."""
BY_HAND, FORGOTTEN, FORGOTTEN_PHOTO = "Ada Lovelace", "Ravi", "Amara/Amara_0002.jpg"


@dataclass(frozen=True)
class Old:
    """The archive, unpacked as if its gallery had been made where it lies now."""

    folder: Path

    @property
    def gallery(self) -> Path:
        return self.folder / "gallery"

    @property
    def catalogue(self) -> Path:
        return self.gallery / "catalog.sqlite"

    @property
    def before(self) -> dict[str, Any]:
        """What 0.1.0 told of it."""
        return json.loads((self.folder / "before.json").read_text(encoding="utf-8"))

    def index(self, *, yes: bool = False) -> niteru.Summary:
        return niteru.Gallery(self.gallery).index(self.folder / "photos", yes=yes)

    def people(self) -> dict[str, int]:
        return {person.name: person.faces for person in niteru.Gallery(self.gallery).people()}

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.catalogue)) as database, database:
            return database.execute(statement).fetchall()


def unpacked(folder: Path) -> Old:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    known = folder / "gallery" / "reports.json"
    made_in = Path(json.loads(known.read_text())["gallery"]).parent
    known.write_text(known.read_text().replace(str(made_in), str(folder.resolve())))
    return Old(folder)


@pytest.fixture
def old(tmp_path: Path) -> Old:
    return unpacked(tmp_path)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Old:
    old = unpacked(tmp_path_factory.mktemp("upgraded"))
    assert old.sql("PRAGMA user_version") == [(SCHEMA,)]
    summary = old.index()
    assert not summary.added and not summary.removed
    return old


LOGS = ("-wal", "-shm")


def files(folder: Path) -> dict[Path, bytes]:
    """What lies in a folder, but for SQLite's log and its shared memory."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix[-4:] not in LOGS}


def test_everybody_is_still_there(upgraded: Old) -> None:
    before = {row["person"]: row["faces"] for row in upgraded.before["people"]["people"]}
    assert BY_HAND in before
    assert upgraded.people() == before


def test_the_gallery_is_sound(upgraded: Old) -> None:
    verdict = niteru.Gallery(upgraded.gallery).verify()
    assert verdict.problems == []
    assert verdict.faces == verdict.embedded_again == upgraded.before["stats"]["faces"]


def test_faces_are_where_they_were(upgraded: Old) -> None:
    assert upgraded.before["similar"]
    rows = upgraded.sql("SELECT ref, x, y, f.width, f.height FROM faces f JOIN photos p ON p.id = f.photo_id")
    boxes = {ref: box for ref, *box in rows}
    for photo, told in upgraded.before["similar"].items():
        assert np.abs(np.subtract(boxes[photo], told["query"]["face"]["box"])).max() <= 3, photo


def test_answers_are_of_the_same_people_and_by_todays_model(upgraded: Old) -> None:
    gallery, everybody = niteru.Gallery(upgraded.gallery), set(upgraded.people())
    for photo in upgraded.before["similar"]:
        matches = gallery.similar(upgraded.folder / "photos" / photo, mode="all")
        assert {match.person for match in matches} == everybody
        assert matches[0].person == photo.split("/")[0]
        assert matches[0].similarity > 0.99, "its vector is today's model's"


def test_a_face_enrolled_by_hand_is_embedded_anew_from_its_crop(upgraded: Old) -> None:
    (best, *_) = niteru.Gallery(upgraded.gallery).similar(upgraded.folder / "by-hand" / "portrait.jpg", mode="all")
    assert best.person == BY_HAND
    assert best.similarity > 0.97


@pytest.mark.parametrize("photo", [f"{FORGOTTEN}/{FORGOTTEN}_0001.jpg", FORGOTTEN_PHOTO])
def test_whoever_was_forgotten_stays_out_under_whatever_name(upgraded: Old, tmp_path: Path, photo: str) -> None:
    again = unpacked(tmp_path)
    (again.folder / "photos" / "Somebody").mkdir()
    shutil.copy(again.folder / "photos" / photo, again.folder / "photos" / "Somebody" / "new.jpg")
    again.index()
    assert again.people() == upgraded.people()


def test_the_first_command_may_be_a_forgetting_which_takes_the_old_report_along(old: Old) -> None:
    assert (old.folder / "report" / "index.html").is_file()
    receipt = niteru.Gallery(old.gallery).forget("José")
    assert receipt.clean and len(receipt.reports) == 1
    assert not (old.folder / "report").exists()
    assert "José" not in old.people()


def test_a_report_from_before_a_forgetting_is_told_of(old: Old) -> None:
    """0.1.0 could not remove it then."""
    report = old.folder / "report" / "report.json"
    report.write_text(json.dumps({**json.loads(report.read_text()), "generation": 1}))
    old.index()
    (problem,) = niteru.Gallery(old.gallery).verify().problems
    assert str(report.parent) in problem


def test_a_page_that_somebody_laid_beside_a_report_stays(old: Old) -> None:
    (old.folder / "report" / "mine.txt").write_text("mine")
    niteru.Gallery(old.gallery).forget("José")
    assert (old.folder / "report" / "mine.txt").read_text() == "mine"


def cut_short(old: Old) -> None:
    with old.catalogue.open("r+b") as file:
        file.truncate(30_000)


def scrambled(old: Old) -> None:
    """Every page but the first is another's."""
    content = bytearray(old.catalogue.read_bytes())
    content[4096 : 4096 * 12] = content[4096 : 4096 * 12][::-1]
    old.catalogue.write_bytes(content)


def by_a_newer_niteru(old: Old) -> None:
    old.sql("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (cut_short, "nothing was changed"),
        (scrambled, "nothing was changed"),
        (by_a_newer_niteru, "update niteru"),
    ],
)
def test_what_cannot_be_read_is_refused_and_left_as_it_was(
    old: Old, spoil: Callable[[Old], None], sentence: str
) -> None:
    spoil(old)
    there = files(old.gallery)
    with pytest.raises(niteru.Failure, match=sentence):
        old.index()
    left = files(old.gallery)
    assert {path: content for path, content in left.items() if path in there} == there
    assert {path.name for path in left.keys() - there.keys()} <= {".niteru"}


def test_a_migration_that_fails_half_way_changes_nothing(old: Old) -> None:
    old.sql("DROP TABLE events")
    with pytest.raises(CatalogDamaged, match="no such table"):
        Catalog(old.catalogue)
    assert old.sql("PRAGMA user_version") == [(SCHEMA,)]
    assert not old.sql("SELECT 1 FROM sqlite_master WHERE name IN ('verdicts', 'history')")


def test_a_rescue_of_an_old_catalogue_loses_only_what_is_damaged(old: Old, tmp_path: Path) -> None:
    old.sql("DROP TABLE events")
    rescued = rescue(old.catalogue, tmp_path / "aside")
    assert {table for table, lost in rescued.lost.items() if lost} == {"events"}
    assert rescued.list_is_whole and not rescued.by_hand
    with closing(Catalog(tmp_path / "aside", readonly=True)) as catalog:
        assert catalog.erasures() == 2
    with closing(sqlite3.connect(tmp_path / "aside")) as database:
        albums = database.execute("SELECT DISTINCT album FROM people").fetchall()
        known = database.execute("SELECT count(*) FROM history").fetchone()
    assert albums == [(0,)], "whoever was a person before stays one"
    assert known == (len(old.before["people"]["people"]),)


def test_a_schema_whose_number_was_damaged_loses_no_table(upgraded: Old, tmp_path: Path) -> None:
    file = tmp_path / "catalog.sqlite"
    shutil.copy(upgraded.catalogue, file)
    with closing(sqlite3.connect(file)) as database:
        known = database.execute("SELECT * FROM history").fetchall()
        database.execute(f"PRAGMA user_version = {SCHEMA}")
    assert known
    assert not any(rescue(file, tmp_path / "aside").lost.values())
    with closing(sqlite3.connect(tmp_path / "aside")) as database:
        assert database.execute("SELECT * FROM history").fetchall() == known

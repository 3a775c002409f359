"""Dates of a gallery's photos: from real EXIF, tables and names, kept up to date without looking at faces again."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.photos.dates.photo_date import DateFrom, PhotoDate
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives import dates_of_photos as judging
from niteru.indexer.lives.dates_of_photos import dates_of_photos
from niteru.indexer.update import reading
from niteru.indexer.update.adding import add
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from support.drawn import write_image
from support.exiftool import ExifTool


@pytest.fixture
def photos(tmp_path: Path, drawn_crops: dict[str, list[np.ndarray]], exiftool: ExifTool) -> Path:
    """Six photos of two people, in every way in which a date is told."""
    crops, folder = list(drawn_crops.values()), tmp_path / "photos"
    for ref, crop in (
        ("Ada/1987-07 Summer/IMG_1951.jpg", crops[0][0]),
        ("Ada/1987-07 Summer/scan.jpg", crops[0][1]),
        ("Ada/unset.jpg", crops[0][2]),
        ("1960/Bo (1931)/IMG_19610704_101500.jpg", crops[1][0]),
        ("1960/Bo (1931)/2.jpg", crops[1][1]),
        ("1960/Bo (1931)/1999.jpg", crops[1][2]),
    ):
        write_image(folder / ref, crop)
    exiftool("-EXIF:DateTimeOriginal=1987:07:14 10:15:00", folder / "Ada/1987-07 Summer/IMG_1951.jpg")
    exiftool("-EXIF:CreateDate=2005:03:12 09:00:00", folder / "Ada/1987-07 Summer/scan.jpg")
    exiftool("-EXIF:DateTimeOriginal=2000:01:01 00:00:00", folder / "Ada/unset.jpg")
    return folder


EXPECTED = {
    "Ada/1987-07 Summer/IMG_1951.jpg": ("1987-07-14", DateFrom.EXIF),
    "Ada/1987-07 Summer/scan.jpg": ("1987-07", DateFrom.FOLDER),
    "1960/Bo (1931)/IMG_19610704_101500.jpg": ("1961-07-04", DateFrom.FILE),
    "1960/Bo (1931)/2.jpg": ("1960", DateFrom.FOLDER),
    "1960/Bo (1931)/1999.jpg": ("1960", DateFrom.FOLDER),  # beside 2.jpg it is a number
}


def dates(folder: Path) -> dict[str, tuple[str, DateFrom]]:
    """The dates in the catalogue, which must be those that are published."""
    with closing(Gallery(folder)) as gallery:
        (photos,) = gallery.catalog.tables.rows("photos", 100)
        refs = {photo["id"]: photo["ref"] for photo in photos}
        found = {refs[photo]: PhotoDate.of_code(code) for photo, code in dates_of_photos(gallery.catalog).codes.items()}
        for face, ref in gallery.catalog.queries.photo_of_faces().items():
            assert gallery.generation.taken_of(face) == found.get(ref)
        assert not gallery.catalog.queries.damages()
    return {ref: (str(one), one.source) for ref, one in found.items()}


@pytest.fixture
def gallery(tmp_path: Path, photos: Path) -> Path:
    update(tmp_path / "gallery", photos, crops=True)
    return tmp_path / "gallery"


def test_the_date_that_counts_is_published_with_its_precision_and_source(gallery: Path) -> None:
    assert dates(gallery) == EXPECTED
    assert verify(gallery).problems == []


def test_an_older_gallery_reads_dates_and_looks_at_no_face(
    gallery: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(gallery / "catalog.sqlite") as database:
        database.execute("DELETE FROM picture_dates")
    database.close()
    assert update(gallery, photos, crops=True, dry=True).dates_read == 6

    def look(*_: object) -> None:
        raise AssertionError("a face was looked at")

    monkeypatch.setattr(reading, "extract", look)
    monkeypatch.setattr(reading, "process_embedder", look)
    monkeypatch.setattr(reading, "read_bytes", look)  # nor is a file read to its end
    summary = update(gallery, photos, crops=True)
    assert (summary.unchanged, summary.changed, summary.dates_read, summary.dated) == (6, [], 6, 5)
    assert dates(gallery) == EXPECTED
    again = update(gallery, photos, crops=True)
    assert (again.dates_read, again.generation) == (0, summary.generation)


def test_dates_follow_photos_and_names(gallery: Path, photos: Path) -> None:
    (photos / "1960").rename(photos / "1965")
    shutil.copy(photos / "Ada/1987-07 Summer/IMG_1951.jpg", photos / "Ada/copy.jpg")
    (photos / "Ada/unset.jpg").rename(photos / "Ada/from 2000.jpg")
    summary = update(gallery, photos, crops=True)
    assert (len(summary.moved), len(summary.added), summary.dates_read) == (4, 1, 0)
    found = dates(gallery)
    assert found["1965/Bo (1931)/2.jpg"] == ("1965", DateFrom.FOLDER)
    assert found["Ada/copy.jpg"] == ("1987-07-14", DateFrom.EXIF)
    assert found["Ada/from 2000.jpg"] == ("2000", DateFrom.FILE), "midnight is no time, and the year is right"


def test_a_changed_file_has_its_new_date(gallery: Path, photos: Path, exiftool: ExifTool) -> None:
    exiftool("-EXIF:DateTimeOriginal=1951:02:03 12:00:00", photos / "Ada/unset.jpg")
    update(gallery, photos, crops=True)
    assert dates(gallery)["Ada/unset.jpg"] == ("1951-02-03", DateFrom.EXIF)


def test_a_table_says_when(gallery: Path, photos: Path, tmp_path: Path) -> None:
    (photos.parent / "table.csv").write_text(
        "path,person,Date taken\n"
        "photos/Ada/unset.jpg,Ada,1951-02\n"
        "photos/Ada/1987-07 Summer/scan.jpg,Ada,about 1986\n"
        "photos/Ada/1987-07 Summer/IMG_1951.jpg,Ada,1988\n",
        encoding="utf-8",
    )
    update(tmp_path / "other", photos.parent / "table.csv", crops=True)
    assert dates(tmp_path / "other") == {
        "photos/Ada/unset.jpg": ("1951-02", DateFrom.TABLE),
        "photos/Ada/1987-07 Summer/scan.jpg": ("1986", DateFrom.TABLE),
        "photos/Ada/1987-07 Summer/IMG_1951.jpg": ("1987-07-14", DateFrom.EXIF),
    }


def test_photos_added_by_hand_copies_and_the_forgotten(gallery: Path, photos: Path, tmp_path: Path) -> None:
    add(gallery, "Cy", [photos / "Ada/1987-07 Summer/IMG_1951.jpg"])
    found = {ref: one for ref, one in dates(gallery).items() if ref.startswith("Cy/")}
    assert set(found.values()) == {("1987-07-14", DateFrom.EXIF)}
    copy_gallery(gallery, tmp_path / "copy")
    assert dates(tmp_path / "copy") == dates(gallery)
    assert forget(gallery, photos=["1960/Bo (1931)/2.jpg"]).clean
    with closing(Gallery(gallery)) as opened:
        assert "1960/Bo (1931)/2.jpg" not in opened.catalog.dates.read()
        assert len(opened.catalog.dates.read()) == 6


def test_only_photos_of_which_something_has_changed_are_judged_again(
    gallery: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for those called by a year, whatever their neighbours are."""
    asked = set[str]()
    judge = judging._Judge.code

    def code(self: judging._Judge, photo: judging.DatedPhoto) -> int:
        asked.add(photo.ref)
        return judge(self, photo)

    monkeypatch.setattr(judging._Judge, "code", code)
    shutil.copy(photos / "Ada/unset.jpg", photos / "Ada/at home 1990.jpg")
    update(gallery, photos, crops=True)
    assert asked == {"Ada/at home 1990.jpg", "1960/Bo (1931)/1999.jpg"}
    assert dates(gallery) == EXPECTED | {"Ada/at home 1990.jpg": ("1990", DateFrom.FILE)}


def test_a_name_is_a_year_as_long_as_no_neighbour_is_a_number_whosever_it_is(photos: Path, tmp_path: Path) -> None:
    table = photos.parent / "table.csv"

    def index(*who: tuple[str, str]) -> dict[str, tuple[str, DateFrom]]:
        rows = [f"photos/1960/Bo (1931)/{name},{person}" for name, person in who]
        table.write_text("\n".join(["path,person", "photos/Ada/unset.jpg,Ada", *rows]), encoding="utf-8")
        update(tmp_path / "other", table, crops=True)
        return dates(tmp_path / "other")

    year = "photos/1960/Bo (1931)/1999.jpg"
    assert index(("1999.jpg", "Bo"))[year] == ("1999", DateFrom.FILE)
    assert index(("1999.jpg", "Bo"), ("2.jpg", "Cy"))[year] == ("1931", DateFrom.FOLDER)
    assert index(("1999.jpg", "Bo"))[year] == ("1999", DateFrom.FILE)


def test_a_day_to_come_is_believed_when_it_has_come(
    gallery: Path, photos: Path, exiftool: ExifTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    exiftool("-EXIF:DateTimeOriginal=2031:02:03 12:00:00", photos / "Ada/unset.jpg")
    (photos / "Ada/1987-07 Summer/scan.jpg").rename(photos / "Ada/1987-07 Summer/on 2032-01-01.jpg")

    class Day(date):
        today_is = date(2031, 2, 2)

        @classmethod
        def today(cls) -> date:
            return cls.today_is

    monkeypatch.setattr(judging, "date", Day)
    found = {}
    for day in (date(2031, 2, 2), date(2031, 2, 3), date(2032, 1, 1)):
        Day.today_is = day
        update(gallery, photos, crops=True)
        found[day] = dates(gallery)
    assert ["Ada/unset.jpg" in one for one in found.values()] == [False, True, True]
    renamed = [one["Ada/1987-07 Summer/on 2032-01-01.jpg"][0] for one in found.values()]
    assert renamed == ["1987-07", "1987-07", "2005-03-12"]


def test_a_catalogue_of_before_takes_no_date_from_a_later_generation(gallery: Path, photos: Path) -> None:
    with sqlite3.connect(gallery / "catalog.sqlite") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    kept = (gallery / "catalog.sqlite").read_bytes()
    (photos / "1960").rename(photos / "1965")
    update(gallery, photos, crops=True)
    for part in gallery.glob("catalog.sqlite*"):
        part.unlink()
    (gallery / "catalog.sqlite").write_bytes(kept)
    (photos / "1965").rename(photos / "1960")
    update(gallery, photos, crops=True)
    assert dates(gallery) == EXPECTED

"""Dates are read from files as cameras and programs write them, from names, and judged with care."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from niteru.engine.photos.dates.date_in_cell import date_in_cell, date_in_cells
from niteru.engine.photos.dates.date_in_name import date_in_file_name, date_in_folder_name
from niteru.engine.photos.dates.date_in_picture import PictureDates, dates_in, dates_of
from niteru.engine.photos.dates.judging import judged
from niteru.engine.photos.dates.photo_date import DateFrom, PhotoDate, checked_date
from niteru.engine.photos.tables.usual_columns import Meaning, birth_year, meaning_of
from support.exiftool import ExifTool

TODAY = date(2026, 6, 15)
FORMS = ("jpg", "png", "tif", "webp", "heic", "avif")


@pytest.fixture(params=FORMS)
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / f"picture.{request.param}"
    image = Image.fromarray(np.full((48, 64, 3), 120, np.uint8))
    if request.param == "heic":
        pytest.importorskip("pillow_heif").from_pillow(image).save(file)
    else:
        image.save(file)
    return file


def test_exif_is_read_from_every_kind_of_file(picture: Path, exiftool: ExifTool) -> None:
    exiftool("-EXIF:DateTimeOriginal=1987:07:04 10:15:00", "-EXIF:CreateDate=2005:03:12 09:00:00", picture)
    found = dates_in(picture.read_bytes())
    assert (found.taken, found.digitised) == ("1987-07-04T10:15:00", "2005-03-12T09:00:00")


def test_xmp_is_read_where_exif_has_no_date(picture: Path, exiftool: ExifTool) -> None:
    if picture.suffix == ".avif":
        exiftool("-XMP-exif:DateTimeOriginal=1951", picture)
    else:
        exiftool("-XMP-photoshop:DateCreated=1951", "-XMP-xmp:CreateDate=2005:03:12", picture)
    found = dates_in(picture.read_bytes())
    assert found == PictureDates(xmp="1951")
    assert judged(found, None, TODAY) == PhotoDate(1951, source=DateFrom.XMP)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1987:07:00 00:00:00", "1987-07"),
        ("1987:00:00 00:00:00", "1987"),
        ("0000:00:00 00:00:00", ""),
        ("    :  :     :  :  ", ""),
        ("yesterday", ""),
    ],
)
def test_half_a_date_is_kept_and_none_is_made_up(written: str, read: str, tmp_path: Path) -> None:
    image, exif = Image.new("RGB", (64, 48)), Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = written
    image.save(tmp_path / "picture.jpg", exif=exif)
    assert dates_in((tmp_path / "picture.jpg").read_bytes()).taken == read


def test_the_beginning_of_a_large_jpeg_is_enough(tmp_path: Path, exiftool: ExifTool) -> None:
    file, noise = tmp_path / "large.jpg", np.random.default_rng(0).integers(0, 256, (900, 1200, 3), np.uint8)
    Image.fromarray(noise).save(file, quality=98)
    exiftool("-EXIF:DateTimeOriginal=1987:07:04 10:15:00", "-XMP-photoshop:DateCreated=1987", file)
    assert file.stat().st_size > 2**20
    with file.open("r+b") as opened:
        opened.truncate(2**20 + 7)  # what follows is not looked at
    assert dates_of(file) == PictureDates("1987-07-04T10:15:00", xmp="1987")


@given(st.binary(max_size=400))
def test_whatever_is_no_picture_has_no_date(data: bytes) -> None:
    assert dates_in(data) == PictureDates()


def test_damaged_exif_takes_nothing_down(tmp_path: Path, exiftool: ExifTool) -> None:
    file = tmp_path / "picture.jpg"
    Image.new("RGB", (64, 48)).save(file)
    exiftool("-EXIF:DateTimeOriginal=1987:07:04 10:15:00", file)
    whole = file.read_bytes()
    at = whole.index(b"1987:07:04")
    for place in range(20, at + 10):
        dates_in(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])


@pytest.mark.parametrize(
    ("name", "as_file", "as_folder"),
    [
        ("1987", "1987", "1987"),
        ("1987-07 Summer", "1987-07", "1987-07"),
        ("IMG_19870704_101500", "1987-07-04", "1987-07-04"),
        ("IMG-20190704-WA0001", "2019-07-04", "2019-07-04"),
        ("PXL_20210704_123456789", "2021-07-04", "2021-07-04"),
        ("20190704123456", "2019-07-04", "2019-07-04"),
        ("Screenshot_2019-07-04-10-11-12", "2019-07-04", "2019-07-04"),
        ("04.07.1987", "1987-07-04", "1987-07-04"),
        ("昭和の夏 1987年7月4日", "1987-07-04", "1987-07-04"),
        ("1987年夏", "1987", "1987"),
        ("Christmas, 1987", "1987", "1987"),
        ("Summer (1987)", "1987", "1987"),
        ("2000 faces", None, None),
        ("2000faces", None, None),
        ("2000 photos of cats", None, None),
        ("2000枚", None, None),
        ("1980s", None, None),
        ("1980-1985", None, None),
        ("1999-2000 winter", None, None),
        ("1987-13", None, None),
        ("1987-07-32", None, None),
        ("1920x1080", None, None),
        ("DSC01987", None, None),
        ("12345198701234", None, None),
        ("v1.1987", None, None),
        ("1812 overture", None, None),
        ("IMG_1951-12ef90ab", None, None),
        # A camera counts its files, and does not count folders.
        ("IMG_1987", None, "1987"),
        ("Ada Lovelace_1987", None, "1987"),
        ("Reunion 2005 of the class of 1987", "2005", None),
    ],
)
def test_names_tell_dates_and_only_dates(name: str, as_file: str | None, as_folder: str | None) -> None:
    found = date_in_file_name(name), date_in_folder_name(name)
    assert [one and str(one) for one in found] == [as_file, as_folder]


@pytest.mark.parametrize(
    ("name", "read"),
    [("Ada (1815)", None), ("Ada 1815-1852", None), ("John Smith 1931", None), ("1987-07 Summer", "1987-07")],
)
def test_a_year_in_a_persons_own_name_is_of_their_life(name: str, read: str | None) -> None:
    found = date_in_folder_name(name, names_person=True)
    assert (found and str(found)) == read


@given(st.dates(date(1826, 1, 1), TODAY), st.sampled_from(["", "-", "_", "."]))
def test_every_day_is_read_from_names_as_it_is_written(day: date, between: str) -> None:
    written = day.strftime("%Y{0}%m{0}%d").format(between)
    expected = PhotoDate(day.year, day.month, day.day, DateFrom.FILE)
    assert date_in_file_name(f"IMG_{written}_101500") == expected
    assert str(date_in_cell(day.isoformat())) == day.isoformat()
    assert PhotoDate.of_code(expected.code) == expected


@given(st.integers(0, 10**9), st.sampled_from(["IMG_{}", "{} faces", "x{}", "{}px"]))
def test_numbers_of_files_are_never_years(number: int, form: str) -> None:
    found = date_in_file_name(form.format(number))
    assert found is None or len(str(number)) == 8, "eight digits may be a day"


TOLD_1987 = PhotoDate(1987, source=DateFrom.FOLDER)
TOLD_2000 = PhotoDate(2000, source=DateFrom.TABLE)


@pytest.mark.parametrize(
    ("picture", "told", "read"),
    [
        (PictureDates(), None, None),
        (PictureDates(), TOLD_1987, "1987"),
        (PictureDates("1987-07-04T10:15:00"), TOLD_1987, "1987-07-04"),
        (PictureDates("", "1987-07-04T10:15:00"), None, "1987-07-04"),
        (PictureDates("", "", "1951-02"), None, "1951-02"),
        # a scanner's day, where people say another decade
        (PictureDates("2005-03-12T09:00:00"), TOLD_1987, "1987"),
        (PictureDates("", "2005-03-12T09:00:00"), TOLD_1987, "1987"),
        # an evening before the new year, in a folder of the old
        (PictureDates("1990-01-01T00:30:00"), PhotoDate(1989, source=DateFrom.FOLDER), "1990-01-01"),
        # a folder of the year in which old photos were put there
        (PictureDates("1951-06-01T12:00:00"), PhotoDate(2015, source=DateFrom.FOLDER), "1951-06-01"),
        # clocks that nobody set
        (PictureDates("1970-01-01T00:00:00"), None, None),
        (PictureDates("1980-01-01T00:03:00"), None, None),
        (PictureDates("2000-01-01T00:00:00"), None, None),
        (PictureDates("2000-01-01T00:00:00", "", "2003-05-06"), None, "2003-05-06"),
        (PictureDates("2000-01-01T00:00:00"), TOLD_2000, "2000"),
        (PictureDates("2000-01-01T00:12:00"), TOLD_2000, "2000-01-01"),
        (PictureDates("2000-01-01T00:12:00"), PhotoDate(2003, source=DateFrom.FILE), "2003"),
        # nobody took photos then
        (PictureDates("2031-01-01T12:00:00"), None, None),
        (PictureDates("1801-01-01T12:00:00"), TOLD_1987, "1987"),
        (PictureDates(), PhotoDate(2077, source=DateFrom.FOLDER), None),
        (PictureDates("1987-02-30T12:00:00"), None, None),
    ],
)
def test_the_date_that_counts(picture: PictureDates, told: PhotoDate | None, read: str | None) -> None:
    found = judged(picture, told, TODAY)
    assert (found and str(found)) == read


def test_cells_of_three_languages_are_read() -> None:
    cells = ("1987-07-04 00:00:00", "1987/7/4", "4.7.1987", "1987年7月4日", "19870704")
    assert {str(date_in_cell(cell)) for cell in cells} == {"1987-07-04"}
    assert date_in_cells(["1987", "1987-07"], TODAY) == PhotoDate(1987, 7, 0, DateFrom.TABLE)
    assert date_in_cells(["1987", "1988"], TODAY) is None
    assert date_in_cells(["2031"], TODAY) is None
    assert [meaning_of(name) for name in ("Date of birth", "生年月日", "生日", "DOB")] == [Meaning.BORN] * 4
    assert [meaning_of(name) for name in ("Taken", "撮影日", "拍攝日期", "year")] == [Meaning.TAKEN] * 4
    assert [meaning_of(name) for name in ("family", "家族", "家庭")] == [Meaning.FAMILY] * 3
    assert [meaning_of(name) for name in ("surname", "agency", "姓")] == [None] * 3
    assert birth_year("5 May") is None and birth_year("12/31/1931") == 1931 and birth_year("1031") is None
    assert birth_year("19310405") == 1931 and birth_year("1931; 1932") is None


def test_dates_that_no_calendar_has_are_none() -> None:
    assert checked_date(1987, 2, 30) is None and checked_date(1987, 13) is None
    assert checked_date(1988, 2, 29) == PhotoDate(1988, 2, 29)

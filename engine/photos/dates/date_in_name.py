"""Dates in names of files and folders, "1987-07 Summer", "IMG_19870704_101500", and what only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from niteru.engine.photos.dates.photo_date import FIRST_YEAR, DateFrom, PhotoDate, checked_date

_YEAR_OR_LONGER = re.compile(r"\d{4}")
_BETWEEN = r"([-_. ]?)"
_DAYS = (
    # A time of six digits may follow without anything between.
    re.compile(rf"(?<!\d)(\d{{4}}){_BETWEEN}(\d{{2}})\2(\d{{2}})(?=\d{{6}}(?!\d)|(?!\d))"),
    re.compile(r"(?<!\d)(\d{4})()年 ?(\d{1,2})月 ?(\d{1,2})日"),
)
_DAY_FIRST = re.compile(r"(?<!\d)(\d{2})([-_.])(\d{2})\2(\d{4})(?!\d)")
_MONTHS = (
    re.compile(r"(?<![\d.,-])(\d{4})[-_.](\d{2})(?![\dA-Za-z]|[-–_.]\d)"),
    re.compile(r"(?<!\d)(\d{4})年 ?(\d{1,2})月"),
)
_WORDS = r"(?:face|photo|photograph|picture|pic|image|portrait|person|file|scan|name|crop)s?|people"
_COUNTED = rf"(?![ _-]*(?:{_WORDS})(?![A-Za-z])| ?[枚張张人名件個个點点組组])"
_LONGER = r"(?![\dA-Za-z]|[.,×–-]\d|[-–]$)"
"""A year is no part of 1987.5, 1987-1990, 1920x1080, 1980s."""
_YEAR = re.compile(rf"(?<![\dA-Za-z])(?<!\d[.,×–-])(\d{{4}})(?:年|{_LONGER}){_COUNTED}", re.IGNORECASE)
_BEFORE_COUNTERS = ("_", "-")
"""What stands before a number that cameras and data sets count files with: IMG_1987, Ada Lovelace_1987."""


def may_be_dated(name: str) -> bool:
    """Whether a name has four digits in a row; one without has no date in it, and needs not be read further."""
    return _YEAR_OR_LONGER.search(name) is not None


def date_in_file_name(stem: str) -> PhotoDate | None:
    """The date in a file's name without its suffix; a number that a camera counts with is none.

    Example:
        >>> [str(date_in_file_name(stem)) for stem in ("IMG_19870704_101500", "wedding 1987", "IMG_1987")]
        ['1987-07-04', '1987', 'None']
    """
    return next(_dates(stem, DateFrom.FILE, counters=True), None)


def date_in_folder_name(name: str, *, names_person: bool = False) -> PhotoDate | None:
    """The date in a folder's name; of several that differ in the year, none.

    Args:
        name: of the folder.
        names_person: whether the folder is called as somebody. A year in it may then be of their life, and counts only
            where the name begins with it.

    Example:
        >>> [str(date_in_folder_name(name)) for name in ("1987-07 Summer", "Berlin 1987", "2000 faces", "1980-1985")]
        ['1987-07', '1987', 'None', 'None']
        >>> str(date_in_folder_name("Ada (1815)", names_person=True))
        'None'
    """
    found = list(_dates(name, DateFrom.FOLDER, counters=False))
    if not found or len({one.year for one in found}) > 1:
        return None
    return found[0] if not names_person or name.lstrip().startswith(f"{found[0].year:04d}") else None


def is_number(stem: str) -> bool:
    """Whether a file is called by a number alone, which may be a year or count files."""
    return stem.isascii() and stem.isdigit() and len(stem) < 8


def _dates(text: str, source: DateFrom, *, counters: bool) -> Iterator[PhotoDate]:
    """Dates in a text, the most precise first."""
    for pattern in _DAYS:
        for found in pattern.finditer(text):
            yield from _if_real(int(found[1]), int(found[3]), int(found[4]), source)
    for found in _DAY_FIRST.finditer(text):
        yield from _if_real(int(found[4]), int(found[3]), int(found[1]), source)
    for pattern in _MONTHS:
        for found in pattern.finditer(text):
            yield from _if_real(int(found[1]), int(found[2]), 0, source)
    for found in _YEAR.finditer(text):
        if not (counters and text[: found.start()].endswith(_BEFORE_COUNTERS)):
            yield from _if_real(int(found[1]), 0, 0, source)


def _if_real(year: int, month: int, day: int, source: DateFrom) -> Iterator[PhotoDate]:
    found = checked_date(year, month, day, source)
    if found is not None and found.year >= FIRST_YEAR:
        yield found

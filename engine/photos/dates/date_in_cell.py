"""Dates in the cells of a table, as people and spreadsheets of three languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from niteru.engine.photos.dates.photo_date import DateFrom, PhotoDate, checked_date

_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[ T]\d{1,2}:\d{2}.*)?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_IN_KANJI = re.compile(r"(\d{4}) ?年(?: ?(\d{1,2}) ?月(?: ?(\d{1,2}) ?日)?)?")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


def date_in_cell(text: str) -> PhotoDate | None:
    """Read a date; of one whose day and month nobody could tell apart, the year.

    Example:
        >>> [str(date_in_cell(text)) for text in ("1987", "5.4.1987", "1987年4月", "4/5/1987", "about 1987", "soon")]
        ['1987', '1987-04-05', '1987-04', '1987', '1987', 'None']
    """
    text = text.strip()
    if found := _YEAR_FIRST.fullmatch(text) or _IN_KANJI.fullmatch(text) or _DIGITS.fullmatch(text):
        year, month, day = (int(part or 0) for part in found.groups())
        return checked_date(year, month, day, DateFrom.TABLE)
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.groups())
        return checked_date(year, month, day, DateFrom.TABLE)
    years = set(_YEAR.findall(text))
    return checked_date(int(years.pop()), source=DateFrom.TABLE) if len(years) == 1 else None


def date_in_cells(texts: Iterable[str], today: date) -> PhotoDate | None:
    """The date that several cells say of one photo: the most precise, if all agree in the year."""
    found = [one for text in texts if (one := date_in_cell(text)) and one.is_possible(today)]
    return max(found, key=lambda one: len(str(one))) if len({one.year for one in found}) == 1 else None

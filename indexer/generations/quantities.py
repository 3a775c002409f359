"""Numbers and dates in values of columns, as people and spreadsheets write them, on one axis for ranges."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_NUMBER = re.compile(r"[+-]?(0|[1-9]\d{0,14})([.,]\d{1,12})?")
_GROUPED = re.compile(
    r"[+-]?[1-9]\d{0,2}(?:(,)\d{3}(?:,\d{3})*(?:\.\d{1,12})?|(\.)\d{3}(?:(?:\.\d{3})+|(?:\.\d{3})*,\d{1,12}))"
)
_DATE = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, or the days of a date: a year with a fraction that grows by the day.

    Attributes:
        first, last: the number; or the first and the last day of the date, which a month has several of.
        dated: whether it is a date.
    """

    first: float
    last: float
    dated: bool = False

    @property
    def end(self) -> float:
        """Where it ends for dates: a bare number is then a year, with all of its days."""
        return self.last if self.dated else _on_axis(int(self.last), 12, 31) if self.last.is_integer() else self.last


def quantity(text: str) -> Quantity | None:
    """Read a number or a date; None if the text is neither.

    A comma before exactly three digits separates thousands, any other is a decimal comma. Numbers with zeros in front
    are names, such as codes. Dates are 1993-04-05, 1993-04 or 5.4.1993; with slashes nobody could tell day from month.

    Example:
        >>> quantity("1,80"), quantity("1,234")
        (Quantity(first=1.8, last=1.8, dated=False), Quantity(first=1234.0, last=1234.0, dated=False))
        >>> quantity("007"), quantity("4/5/1993")
        (None, None)
        >>> quantity("1993-04-05") == quantity("05.04.1993")
        True
    """
    if grouped := _GROUPED.fullmatch(text):
        thousands, point = (",", ".") if grouped[1] else (".", ",")
        value = float(text.replace(thousands, "").replace(point, "."))
        return Quantity(value, value)
    if _NUMBER.fullmatch(text):
        value = float(text.replace(",", "."))
        return Quantity(value, value)
    if found := _DATE.fullmatch(text):
        year, month, day = found.groups()
        return _days(int(year), int(month), day and int(day))
    if found := _DAY_FIRST.fullmatch(text):
        return _days(int(found[3]), int(found[2]), int(found[1]))
    return None


def _days(year: int, month: int, day: int | str | None) -> Quantity | None:
    if not year >= 1 or not 1 <= month <= 12:
        return None
    length = calendar.monthrange(year, month)[1]
    first, last = (int(day), int(day)) if day else (1, length)
    if not 1 <= first <= length:
        return None
    return Quantity(_on_axis(year, month, first), _on_axis(year, month, last), True)


def _on_axis(year: int, month: int, day: int) -> float:
    if not 1 <= year <= 9999:
        return float(year)
    return year + (date(year, month, day).timetuple().tm_yday - 1) / 366

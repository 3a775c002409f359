"""The date on which a photo was taken, as precisely as it is known, and from where it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FIRST_YEAR = 1826
"""Year of the oldest photograph that is known: no date before it is believed."""


class DateFrom(StrEnum):
    """Where a date is from, in a stable spelling."""

    EXIF = "exif"
    """``DateTimeOriginal`` in EXIF."""
    DIGITISED = "exif-digitised"
    """``DateTimeDigitized`` in EXIF."""
    XMP = "xmp"
    TABLE = "table"
    FILE = "file-name"
    FOLDER = "folder-name"


_SOURCES = tuple(DateFrom)


@dataclass(frozen=True, slots=True)
class PhotoDate:
    """A date; month and day are 0 where they are not known.

    Example:
        >>> str(PhotoDate(1987, 7)), PhotoDate(1987, 7).code
        ('1987-07', 198707000)
        >>> PhotoDate.of_code(198707004)
        PhotoDate(year=1987, month=7, day=0, source=<DateFrom.FILE: 'file-name'>)
    """

    year: int
    month: int = 0
    day: int = 0
    source: DateFrom = DateFrom.EXIF

    def __str__(self) -> str:
        """The date as far as it is known: 1987, 1987-07 or 1987-07-04."""
        parts = (f"{self.year:04d}", f"{self.month:02d}" if self.month else "", f"{self.day:02d}" if self.day else "")
        return "-".join(filter(None, parts))

    @property
    def code(self) -> int:
        """The date and where it is from as one number, for a generation: eight digits, and one."""
        return (self.year * 10_000 + self.month * 100 + self.day) * 10 + _SOURCES.index(self.source)

    @classmethod
    def of_code(cls, code: int) -> PhotoDate:
        """The date that a number stands for."""
        days, source = divmod(code, 10)
        return cls(days // 10_000, days // 100 % 100, days % 100, _SOURCES[source])

    def is_possible(self, today: date) -> bool:
        """Whether there was photography then, and it is not in the future."""
        return self.year >= FIRST_YEAR and str(self) <= today.isoformat()


def checked_date(year: int, month: int = 0, day: int = 0, source: DateFrom = DateFrom.EXIF) -> PhotoDate | None:
    """A date, if the calendar has it; a month or a day of 0 is not known."""
    if not month:
        day = 0
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return PhotoDate(year, month, day, source)

"""Judging which date of a photo counts, where its file, a table and names say different things.

A camera's clock is better than anybody's memory, but not every clock was set, and scanners write down when they
scanned.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from niteru.engine.photos.dates.date_in_picture import PictureDates
from niteru.engine.photos.dates.photo_date import DateFrom, PhotoDate, checked_date

_UNSET = ("1970-01-01", "1980-01-01", "2000-01-01")
"""Days on which clocks begin that nobody has set."""
_MIDNIGHT = ("", "00:00", "00:00:00")
_LEAST_YEARS = 2
"""Years between a photo and its scan: one alone may lie between a party and the new year."""


def judged(picture: PictureDates, told: PhotoDate | None, today: date) -> PhotoDate | None:
    """The date of a photo; None if nothing is known of it that can be believed.

    The file's own date counts, EXIF before XMP, but for these:

    - one before photography or in the future;
    - one on which a clock begins that nobody has set, unless what people say is of the same year, and it is not
      midnight;
    - one of a later decade than people say, and two years later or more: that is when the photo was scanned.

    Args:
        picture: dates in its file.
        told: what people say: a table, or else the name of the file or of a folder.
        today: nothing after it is believed.

    Example:
        >>> folder = PhotoDate(1987, source=DateFrom.FOLDER)
        >>> str(judged(PictureDates(taken="1987-07-04T10:15:00"), folder, date(2026, 1, 1)))
        '1987-07-04'
        >>> str(judged(PictureDates(taken="2005-03-12T09:00:00"), folder, date(2026, 1, 1)))
        '1987'
        >>> print(judged(PictureDates(taken="2000-01-01T00:00:00"), None, date(2026, 1, 1)))
        None
    """
    told = told if told is not None and told.is_possible(today) else None
    for written, time in _written(picture):
        if not written.is_possible(today):
            continue
        agree = told is not None and told.year == written.year
        if str(written) in _UNSET and not (agree and time not in _MIDNIGHT):
            continue
        return told if told is not None and _is_of_a_scan(written, told) else written
    return told


def _written(picture: PictureDates) -> Iterator[tuple[PhotoDate, str]]:
    """Dates of a picture's file, each with its time."""
    found = (picture.taken, DateFrom.EXIF), (picture.digitised, DateFrom.DIGITISED), (picture.xmp, DateFrom.XMP)
    for text, source in found:
        days, _, time = text.partition("T")
        year, month, day, *_ = [*(int(part) for part in days.split("-") if part), 0, 0, 0]
        if year and (read := checked_date(year, month, day, source)) is not None:
            yield read, time


def _is_of_a_scan(written: PhotoDate, told: PhotoDate) -> bool:
    return told.year // 10 < written.year // 10 and written.year - told.year >= _LEAST_YEARS

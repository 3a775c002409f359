"""Dates of all photos of a catalogue, each judged by everything that tells one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from niteru.engine.photos.dates.date_in_cell import date_in_cells
from niteru.engine.photos.dates.date_in_name import date_in_file_name, date_in_folder_name, is_number, may_be_dated
from niteru.engine.photos.dates.date_in_picture import PictureDates
from niteru.engine.photos.dates.judging import judged
from niteru.engine.photos.dates.photo_date import FIRST_YEAR, PhotoDate
from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.photo_table import PhotoColumns
from niteru.engine.photos.tables.usual_columns import Meaning, meaning_of
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.dates import DatedPhoto

_DAYS = 65_536
"""Days in pictures' files that are remembered, a hundred years and more."""
_FOLDERS = 65_536
"""Folders whose date is remembered: those of a person's photos lie beside each other in a catalogue, as a rule."""


_ANY = -1
"""No photo's code."""
_Judged = tuple[int, int, int]
"""A photo, and the codes of its date as judged today and when no day is to come any more; 0 for none."""


@dataclass(frozen=True, slots=True)
class JudgedDates:
    """Dates of photos, as judged.

    Attributes:
        codes: by the photo's id, see :attr:`~niteru.engine.photos.dates.photo_date.PhotoDate.code`; photos of which
            none is known are left out.
        passing: ids of the photos whose date may be another one though nothing of them has changed: something says
            that they were taken on a day to come, or their name is a year, which the others in their folder may show to
            be a number.
    """

    codes: dict[int, int]
    passing: set[int]


def dates_of_photos(catalog: Catalog, among: Collection[int] | None = None, today: date | None = None) -> JudgedDates:
    """The dates of photos with faces. Where the rule changes, a migration has to have all photos judged again.

    Args:
        catalog: to read.
        among: ids of the photos to look at; None for all.
        today: the day after which no date is believed; the present day if None.
    """
    days = (today or date.today(), date.max)
    both = [*_by_files_alone(catalog, among, days), *_by_more(catalog, among, days)]
    return JudgedDates(
        {photo: now for photo, now, _ in both if now}, {photo for photo, now, then in both if now != then}
    )


def _by_files_alone(catalog: Catalog, among: Collection[int] | None, days: tuple[date, date]) -> Iterator[_Judged]:
    # Days are few, and photos many.
    judge = lru_cache(_DAYS)(lambda *written: [_code(judged(PictureDates(*written), None, today)) for today in days])
    for photo, *written in catalog.dates.of_files_alone(among):
        yield photo, *judge(*written)


def _by_more(catalog: Catalog, among: Collection[int] | None, days: tuple[date, date]) -> Iterator[_Judged]:
    now, then = (_Judge(catalog, today) for today in days)
    for photo in catalog.dates.told(among):
        yield photo.id, now.code(photo), _ANY if _may_be_a_year(photo.stem) else then.code(photo)


def _code(found: PhotoDate | None) -> int:
    return 0 if found is None else found.code


class _Judge:
    """Judges the dates of photos on a day."""

    def __init__(self, catalog: Catalog, today: date) -> None:
        self._names_in, self._columns, self._today = catalog.dates.names_in, catalog.queries.columns_of_photos(), today
        self._counting, self._in_folders = lru_cache(_FOLDERS)(self._has_numbers), lru_cache(_FOLDERS)(_date_in_folders)

    def code(self, photo: DatedPhoto) -> int:
        """Date of a photo as one number; 0 if none is known."""
        columns = self._columns.get(photo.ref) if self._columns else None
        told = _in_cells(columns, self._today) if columns else None
        if told is None:
            told = _in_file_name(photo, self._counting, self._today)
        if told is None:
            told = self._in_folders(photo.ref.rpartition("/")[0], photo.folder, self._today)
        return _code(told if photo.picture is None else judged(photo.picture, told, self._today))

    def _has_numbers(self, folder: str) -> bool:
        return any(_counts(name, self._today) for name in self._names_in(folder))


def _counts(name: str, today: date) -> bool:
    """Whether a photo's name is a number that is no year: then the others of its folder are none, either."""
    return is_number(name) and not (len(name) == 4 and FIRST_YEAR <= int(name) <= today.year)


def _may_be_a_year(name: str) -> bool:
    """Whether a photo's name is a number that is a year unless the others of its folder show otherwise."""
    return is_number(name) and not _counts(name, date.max)


def _in_cells(columns: PhotoColumns, today: date) -> PhotoDate | None:
    return date_in_cells([value for name, value in columns if meaning_of(name) is Meaning.TAKEN], today)


def _in_file_name(photo: DatedPhoto, counting: Callable[[str], bool], today: date) -> PhotoDate | None:
    if not may_be_dated(photo.stem) or _counts(photo.stem, today):
        return None
    if is_number(photo.stem) and counting(photo.ref.rpartition("/")[0]):
        return None
    found = date_in_file_name(photo.stem)
    return found if found is not None and found.is_possible(today) else None


def _date_in_folders(folder: str, owner: str, today: date) -> PhotoDate | None:
    """The date in the name of a folder or of one that it lies in, the nearest first.

    Args:
        folder: path below FACES.
        owner: name of the person whose folder it is; empty for nobody's.
        today: nothing after it is believed.
    """
    person = name_key(owner) if owner else None
    for name in reversed(folder.split("/")):
        found = date_in_folder_name(name, names_person=name_key(name) == person) if may_be_dated(name) else None
        if found is not None and found.is_possible(today):
            return found
    return None

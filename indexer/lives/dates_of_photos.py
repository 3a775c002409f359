"""Dates of all photos of a catalogue, each judged by everything that tells one."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache

from niteru.engine.photos.dates.date_in_cell import date_in_cells
from niteru.engine.photos.dates.date_in_name import date_in_file_name, date_in_folder_name, is_number, may_be_dated
from niteru.engine.photos.dates.judging import judged
from niteru.engine.photos.dates.photo_date import FIRST_YEAR, PhotoDate
from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.photo_table import PhotoColumns
from niteru.engine.photos.tables.usual_columns import Meaning, meaning_of
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.dates import DatedPhoto

_FOLDERS = 65_536
"""Folders whose date is remembered: those of a person's photos lie beside each other in a catalogue, as a rule."""


def dates_of_photos(catalog: Catalog, today: date | None = None) -> dict[str, PhotoDate]:
    """The dates of photos with faces, by ref; photos of which none is known are left out.

    Args:
        catalog: to read.
        today: the day after which no date is believed; the present day if None.
    """
    return {photo.ref: found for photo, found in _dated(catalog, today or date.today())}


def dates_by_photo(catalog: Catalog) -> dict[int, PhotoDate]:
    """The same by the photo's id."""
    return {photo.id: found for photo, found in _dated(catalog, date.today())}


def _dated(catalog: Catalog, today: date) -> Iterator[tuple[DatedPhoto, PhotoDate]]:
    photos, columns = catalog.dates.photos(), catalog.queries.columns_of_photos()
    counting = lru_cache(_FOLDERS)(lambda folder: any(_counts(name, today) for name in catalog.dates.names_in(folder)))
    in_folders = lru_cache(_FOLDERS)(_date_in_folders)
    for photo in photos:
        told = _in_cells(columns[photo.ref], today) if columns and photo.ref in columns else None
        if told is None:
            told = _in_file_name(photo, counting, today)
        if told is None:
            told = in_folders(posixpath.dirname(photo.ref), photo.folder, today)
        found = told if photo.picture is None else judged(photo.picture, told, today)
        if found is not None:
            yield photo, found


def _counts(name: str, today: date) -> bool:
    """Whether a photo's name is a number that is no year: then the others of its folder are none, either."""
    return is_number(name) and not (len(name) == 4 and FIRST_YEAR <= int(name) <= today.year)


def _in_cells(columns: PhotoColumns, today: date) -> PhotoDate | None:
    return date_in_cells([value for name, value in columns if meaning_of(name) is Meaning.TAKEN], today)


def _in_file_name(photo: DatedPhoto, counting: Callable[[str], bool], today: date) -> PhotoDate | None:
    if not may_be_dated(photo.stem) or _counts(photo.stem, today):
        return None
    if is_number(photo.stem) and counting(posixpath.dirname(photo.ref)):
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

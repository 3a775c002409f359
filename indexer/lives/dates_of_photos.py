"""Dates of all photos of a catalogue, each judged by everything that tells one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath

from niteru.engine.photos.dates.date_in_cell import date_in_cells
from niteru.engine.photos.dates.date_in_name import date_in_file_name, date_in_folder_name, is_number
from niteru.engine.photos.dates.judging import judged
from niteru.engine.photos.dates.photo_date import FIRST_YEAR, PhotoDate
from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.photo_table import PhotoColumns
from niteru.engine.photos.tables.usual_columns import Meaning, meaning_of
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.dates import DatedPhoto


def dates_of_photos(catalog: Catalog, today: date | None = None) -> dict[str, PhotoDate]:
    """The dates of photos with faces, by ref; photos of which none is known are left out.

    Args:
        catalog: to read.
        today: the day after which no date is believed; the present day if None.
    """
    today = today or date.today()
    photos, columns = catalog.dates.photos(), catalog.queries.columns_of_photos()
    counting = {parent for photo in photos if (parent := _counts_in(photo, today))}
    found = {
        photo.ref: judged(photo.picture, _told(photo, columns.get(photo.ref, ()), counting, today), today)
        for photo in photos
    }
    return {ref: one for ref, one in found.items() if one is not None}


def _counts_in(photo: DatedPhoto, today: date) -> str | None:
    """The folder of a photo, if its name is a number that is no year: then the others there are none, either."""
    if not is_number(photo.stem) or (len(photo.stem) == 4 and FIRST_YEAR <= int(photo.stem) <= today.year):
        return None
    return str(PurePosixPath(photo.ref).parent)


def _told(photo: DatedPhoto, columns: PhotoColumns, counting: set[str], today: date) -> PhotoDate | None:
    """The date that people say a photo has: the table, or else the names, the nearest to the photo first."""
    cells = [value for name, value in columns if meaning_of(name) is Meaning.TAKEN]
    if (in_table := date_in_cells(cells, today)) is not None:
        return in_table
    return next((one for one in _in_names(photo, counting) if one.is_possible(today)), None)


def _in_names(photo: DatedPhoto, counting: set[str]) -> Iterator[PhotoDate]:
    path = PurePosixPath(photo.ref)
    if not (is_number(photo.stem) and str(path.parent) in counting):
        found = date_in_file_name(photo.stem)
        if found is not None:
            yield found
    person = name_key(photo.folder) if photo.folder else None
    for folder in reversed(path.parts[:-1]):
        found = date_in_folder_name(folder, names_person=name_key(folder) == person)
        if found is not None:
            yield found

"""Folders of labelled photos, in which the name of a photo's folder is the name of its person."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from niteru.engine.failure import Failure
from niteru.engine.photos.decode import SUFFIXES
from niteru.engine.photos.folder_walk import is_ignored, may_be_photo, walk_folder
from niteru.engine.photos.own_work import MARK
from niteru.engine.photos.person_name import NOBODY, BadName, checked_name, is_nobody, spellings, tidy_name
from niteru.engine.photos.remote import listed
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.photos.source import PhotoSource, is_remote
from niteru.engine.photos.tables.cells import TableUnusable, is_table
from niteru.engine.photos.tables.photo_table import PATH_AND_PERSON, ColumnNames, PhotoColumns, photo_rows
from niteru.engine.photos.zipped import files_in


class FacesMissing(Failure):
    """The folder of photos does not exist or holds nothing usable."""


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo and its person, empty for nobody; ``ref`` is its path below the root, with forward slashes.

    ``columns`` are what a table says of it beside path and person.
    """

    path: PhotoSource
    ref: str
    person: str
    columns: PhotoColumns = ()

    @property
    def on_disk(self) -> Path:
        """The local path, for code that reads nothing else.

        Raises:
            FacesMissing: the photo is in a store or an archive.
        """
        if not isinstance(self.path, Path):
            raise FacesMissing(f"{self.path}: the photo must be in a folder on this machine")
        return self.path


@dataclass(frozen=True, slots=True)
class Listing:
    """The photos of a folder.

    Attributes:
        photos: photos of people in a stable order.
        skipped: reasons for skipping the others, by path.
        unlistable: folders that cannot be listed, whose photos must not be taken for deleted.
        of_nobody: photos that lie in no person's folder, with an empty name, in a stable order.
    """

    photos: list[LabelledPhoto]
    skipped: dict[str, str]
    unlistable: list[str] = field(default_factory=list)
    of_nobody: list[LabelledPhoto] = field(default_factory=list)

    @property
    def all_photos(self) -> list[LabelledPhoto]:
        """Photos of people, and of nobody."""
        return sorted(self.photos + self.of_nobody, key=lambda photo: photo.ref)


def list_photos(root: str | Path, person_level: int | None = None, columns: ColumnNames = PATH_AND_PERSON) -> Listing:
    """List the files that may be photos, with their people.

    A photo belongs to nobody if it lies in no folder below the root, or in one with a name that means nobody, such as
    ``unknown``.

    Args:
        root: a folder with one folder for each person, at any depth, here or at an address that fsspec knows
            (``s3://bucket/photos``); galleries and reports of niteru inside it are skipped. Or a table with the columns
            ``path`` and ``person`` (CSV, .xlsx, .xls, .ods), whose relative paths start from its own folder.
        person_level: level of the folder that names the person, from 1 below the root; None for the photo's own folder.
        columns: names of the two columns that a table must have.

    Raises:
        FacesMissing: ``root`` does not exist, holds no photo, or is a table that cannot be read.
        OSError: ``root`` cannot be listed.

    Example:
        >>> from tempfile import mkdtemp
        >>> root = Path(mkdtemp())
        >>> (root / "Ada").mkdir()
        >>> for name in ("Ada/1.jpg", "Ada/notes.txt", "loose.jpg"):
        ...     (root / name).touch()
        >>> listing = list_photos(root)
        >>> [(photo.ref, photo.person) for photo in listing.photos]
        [('Ada/1.jpg', 'Ada')]
        >>> [photo.ref for photo in listing.of_nobody]
        ['loose.jpg']
    """
    listing = Listing([], {})
    if is_remote(root):
        _list_remote(str(root), listing, person_level)
    else:
        _list_here(Path(root).absolute(), listing, person_level, columns)  # workers have other working directories
    if not listing.all_photos:
        raise FacesMissing(f"{root}: no photos found. People's go in one folder for each person: {root}/NAME/photo.jpg")
    listing.photos.sort(key=lambda photo: photo.ref)
    listing.of_nobody.sort(key=lambda photo: photo.ref)
    return respelled(listing)


def respelled(listing: Listing, known: Iterable[str] = ()) -> Listing:
    """Give each person's name one spelling throughout a listing: a known one, or the most frequent."""
    chosen = spellings((photo.person for photo in listing.photos), known)
    photos = [
        photo if (name := chosen[photo.person]) == photo.person else replace(photo, person=name)
        for photo in listing.photos
    ]
    return replace(listing, photos=photos)


def folders_of_people(listing: Listing) -> dict[str, list[str]]:
    """Find the people whose photos are in folders with different parents, and those folders.

    They may belong to one person, as in two parts of a data set, or to different people with sub-folders of one name.
    """
    folders = defaultdict[str, set[str]](set)
    for photo in listing.photos:
        folders[photo.person].add(_parent(photo.ref))
    return {person: sorted(some) for person, some in folders.items() if len(set(map(_parent, some))) > 1}


def _parent(ref: str) -> str:
    return ref.rpartition("/")[0] or "."


def list_strangers(root: Path) -> list[LabelledPhoto]:
    """List pictures that each show a different person, at any depth and in ``.zip`` files, which are read like folders.

    Args:
        root: a folder of pictures, with or without a sub-folder for each group of people.

    Returns:
        The pictures in a stable order. Each one's path is its person; a ``.zip`` counts as the folder it lies in.

    Raises:
        FacesMissing: there are no pictures.
        OSError: a folder or a file cannot be listed.
    """
    if not root.is_dir():
        raise FacesMissing(f"{root}: no such folder")
    found: list[LabelledPhoto] = []
    for file in sorted(root.absolute().rglob("*")):
        below = file.relative_to(root.absolute())
        if any(map(is_ignored, below.parts)) or not file.is_file():
            continue
        if file.suffix.lower() == ".zip":
            inside = files_in(file)
            found += [_stranger(one, (below.parent / one.inside).as_posix()) for one in inside]
        elif may_be_photo(file.name):
            found.append(_stranger(file, below.as_posix()))
    found = [one for one in found if one.path.suffix.lower() in SUFFIXES]
    if not found:
        raise FacesMissing(f"{root}: no pictures found, neither in folders nor in .zip files")
    return sorted(found, key=lambda one: one.ref)


def _stranger(path: PhotoSource, ref: str) -> LabelledPhoto:
    return LabelledPhoto(path, ref, ref)


def _list_here(root: Path, listing: Listing, person_level: int | None, columns: ColumnNames) -> None:
    if root.is_file() and is_table(root):
        _list_table(root, listing, columns)
    elif root.is_dir():
        walk = walk_folder(root)
        listing.unlistable.extend(walk.unlistable)
        listing.skipped.update({f"{folder}/": SkipReason.UNREADABLE for folder in walk.unlistable})
        listing.skipped.update(dict.fromkeys(walk.misnamed, SkipReason.BAD_NAME))
        for file, ref in walk.files:
            _add(listing, file, ref, person_level)
    else:
        kind = "no folder, and no table (.csv, .xlsx, .ods)" if root.is_file() else "no such folder"
        raise FacesMissing(f"{root}: {kind}. FACES holds one folder for each person, with photos inside")


def _list_remote(address: str, listing: Listing, person_level: int | None) -> None:
    if is_table(PurePosixPath(address)):
        raise FacesMissing(f"{address}: a table must be a file on this machine; only folders may be elsewhere")
    try:
        files = listed(address)
    except (ImportError, ValueError) as error:  # the store's package is missing, or there is no such store
        raise FacesMissing(f"{address}: {error}") from None
    ours = _ours_among([PurePosixPath(ref) for ref, _ in files])
    for ref, file in files:
        path = PurePosixPath(ref)
        if not any(map(is_ignored, path.parts[:-1])) and may_be_photo(path.name) and ours.isdisjoint(path.parents):
            _add(listing, file, ref, person_level)


def _add(listing: Listing, path: PhotoSource, ref: str, person_level: int | None) -> None:
    *folders, _ = ref.split("/")  # a path's parts take seven times as long, and there are as many as photos
    if len(folders) < (person_level or 1):
        if path.suffix.lower() in SUFFIXES:
            listing.of_nobody.append(LabelledPhoto(path, ref, NOBODY))
        return
    person, of_nobody = _person_of(folders[-1 if person_level is None else person_level - 1])
    if of_nobody:
        listing.of_nobody.append(LabelledPhoto(path, ref, NOBODY))
    elif person:
        listing.photos.append(LabelledPhoto(path, ref, person))
    else:
        listing.skipped[ref] = SkipReason.BAD_NAME


@functools.lru_cache(maxsize=1)  # a folder's photos come one after the other
def _person_of(folder: str) -> tuple[str, bool]:
    """The name that a folder gives to its photos, and whether it means nobody."""
    person = tidy_name(folder)
    return person, is_nobody(person)


def _ours_among(files: list[PurePosixPath]) -> set[PurePosixPath]:
    """Folders that carry niteru's mark."""
    inside = defaultdict[PurePosixPath, set[str]](set)
    for path in files:
        for above in path.parents:
            inside[above].add(path.relative_to(above).parts[0])
    return {folder for folder, names in inside.items() if MARK in names}


def _list_table(table: Path, listing: Listing, names: ColumnNames) -> None:
    """Add the photos in a table to a listing.

    Raises:
        FacesMissing: the file is not a table of photos and people.
    """
    found: dict[str, LabelledPhoto] = {}
    try:
        rows = photo_rows(table, names)
    except TableUnusable as error:
        raise FacesMissing(str(error)) from None
    for row in rows:
        if not row.path:
            continue
        try:
            name = NOBODY if is_nobody(row.person) or not tidy_name(row.person) else checked_name(row.person)
        except BadName as error:
            raise FacesMissing(f"{table}: {error}") from None
        ref = _path_as_written(table, row.path)
        known = found.setdefault(ref, LabelledPhoto(table.parent / ref, ref, name, row.columns))
        if known.person != name and NOBODY not in (known.person, name):
            raise FacesMissing(f"{table}: {ref} belongs to both {known.person} and {name}; keep one of the two rows")
        columns = tuple(sorted({*known.columns, *row.columns}))
        found[ref] = replace(known, person=known.person or name, columns=columns)
    listing.photos.extend(photo for photo in found.values() if photo.person != NOBODY)
    listing.of_nobody.extend(photo for photo in found.values() if photo.person == NOBODY)


def _path_as_written(table: Path, text: str) -> str:
    """Read a path in the table, in which backslashes are separators if Windows wrote it, else part of a name.

    Raises:
        FacesMissing: it begins at a drive, and there is no such file on this machine.
    """
    as_it_is = PurePosixPath(text).as_posix()
    turned = PurePosixPath(text.replace("\\", "/")).as_posix()
    if PureWindowsPath(text).drive and not any((table.parent / path).exists() for path in (as_it_is, turned)):
        raise FacesMissing(
            f"{table}: {text} is a path of another machine: write paths as they are from the table's own folder, such "
            f"as {'/'.join(PureWindowsPath(text).parts[-2:])}"
        )
    return turned if turned != as_it_is and not (table.parent / as_it_is).exists() else as_it_is

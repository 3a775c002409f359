"""Folders of labelled photos, in which the name of a photo's folder is the name of its person."""

from __future__ import annotations

import csv
import os
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from niteru.engine.failure import Failure
from niteru.engine.photos.decode import SUFFIXES
from niteru.engine.photos.own_work import MARK
from niteru.engine.photos.remote import is_remote, listed
from niteru.engine.photos.skip_reason import SkipReason
from niteru.engine.photos.source import PhotoSource
from niteru.engine.photos.zipped import files_in

IGNORED_FILES = frozenset({"Thumbs.db", "desktop.ini"})
IGNORED_FOLDERS = frozenset({"__MACOSX"})
TABLE_SUFFIXES = frozenset({".csv", ".txt", ".md", ".json", ".npz", ".mat", ".html", ".pdf"})


class FacesMissing(Failure):
    """The folder of photos does not exist or holds nothing usable."""


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo and its person; ``ref`` is its path below the root, with forward slashes."""

    path: PhotoSource
    ref: str
    person: str

    @property
    def on_disk(self) -> Path:
        """The path, for what reads nothing else.

        Raises:
            FacesMissing: the photo lies at an address, or in an archive.
        """
        if not isinstance(self.path, Path):
            raise FacesMissing(f"{self.path}: must lie in a folder of this machine")
        return self.path


@dataclass(frozen=True, slots=True)
class Listing:
    """The photos of a folder in a stable order, and the reasons for those skipped, by path."""

    photos: list[LabelledPhoto]
    skipped: dict[str, str]


def list_photos(root: str | Path) -> Listing:
    """List the files that may be photos of labelled people, and the pictures that belong to nobody.

    Args:
        root: a folder with one folder for each person, at any depth, here or at an address that fsspec knows
            (``s3://bucket/photos``); galleries and reports of niteru inside it are skipped. Or a CSV file with the
            columns ``path,person``, whose relative paths start from its own folder.

    Raises:
        FacesMissing: ``root`` does not exist, holds no photo of a person, or is a table that cannot be read.
        OSError: a folder cannot be listed; its photos would otherwise count as deleted.

    Example:
        >>> from tempfile import mkdtemp
        >>> root = Path(mkdtemp())
        >>> (root / "Ada").mkdir()
        >>> for name in ("Ada/1.jpg", "Ada/notes.txt", "loose.jpg"):
        ...     (root / name).touch()
        >>> listing = list_photos(root)
        >>> [(photo.ref, photo.person) for photo in listing.photos]
        [('Ada/1.jpg', 'Ada')]
        >>> listing.skipped
        {'loose.jpg': <SkipReason.NO_PERSON_FOLDER: 'no-person-folder'>}
    """
    listing = Listing([], {})
    if is_remote(root):
        _list_remote(str(root), listing)
    else:
        _list_here(Path(root).absolute(), listing)  # workers have other working directories
    if not listing.photos:
        raise FacesMissing(f"{root}: no photos found. Put them in one folder for each person: {root}/NAME/photo.jpg")
    listing.photos.sort(key=lambda photo: photo.ref)
    return listing


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
        if any(part.startswith(".") or part in IGNORED_FOLDERS for part in below.parts) or not file.is_file():
            continue
        if file.suffix.lower() == ".zip":
            inside = files_in(file)
            found += [_stranger(one, (below.parent / one.inside).as_posix()) for one in inside]
        elif _may_be_photo(file.name):
            found.append(_stranger(file, below.as_posix()))
    found = [one for one in found if one.path.suffix.lower() in SUFFIXES]
    if not found:
        raise FacesMissing(f"{root}: no pictures found, neither in folders nor in .zip files")
    return sorted(found, key=lambda one: one.ref)


def _stranger(path: PhotoSource, ref: str) -> LabelledPhoto:
    return LabelledPhoto(path, ref, ref)


def _list_here(root: Path, listing: Listing) -> None:
    if root.is_file() and root.suffix.lower() == ".csv":
        _list_table(root, listing)
    elif root.is_dir():
        _list_folder(root, listing)
    else:
        raise FacesMissing(f"{root}: no such folder. FACES holds one folder for each person, with photos inside")


def _list_remote(address: str, listing: Listing) -> None:
    if address.lower().endswith(".csv"):
        raise FacesMissing(f"{address}: a table must be a file on this machine; only folders may be elsewhere")
    try:
        files = listed(address)
    except (ImportError, ValueError) as error:  # the store's package is missing, or there is no such store
        raise FacesMissing(f"{address}: {error}") from None
    ours = _ours_among([PurePosixPath(ref) for ref, _ in files])
    for ref, file in files:
        path = PurePosixPath(ref)
        hidden = any(part.startswith(".") or part in IGNORED_FOLDERS for part in path.parts[:-1])
        if hidden or not _may_be_photo(path.name) or not ours.isdisjoint(path.parents):
            continue
        if len(path.parts) > 1:
            listing.photos.append(LabelledPhoto(file, ref, unicodedata.normalize("NFC", path.parts[-2])))
        elif path.suffix.lower() in SUFFIXES:
            listing.skipped[ref] = SkipReason.NO_PERSON_FOLDER


def _list_folder(root: Path, listing: Listing) -> None:
    def stop(error: OSError) -> None:
        raise error

    seen: set[tuple[int, int]] = set()
    for folder, folders, files in os.walk(root, onerror=stop, followlinks=True):
        here = Path(folder)
        stat = here.stat()
        if (stat.st_dev, stat.st_ino) in seen or MARK in files:
            folders.clear()  # a link back up, or a folder of niteru's own
            continue
        seen.add((stat.st_dev, stat.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in IGNORED_FOLDERS)
        for name in sorted(files):
            if _may_be_photo(name):
                _add(listing, here / name, (here / name).relative_to(root).as_posix(), root)


def _add(listing: Listing, path: Path, ref: str, root: Path) -> None:
    try:
        ref.encode()
    except UnicodeEncodeError:
        # A name that is not UTF-8 cannot be written in JSON, SQL or HTML.
        listing.skipped[ref.encode("utf-8", "backslashreplace").decode()] = "bad-name"
        return
    if path.parent == root:
        if path.suffix.lower() in SUFFIXES:
            listing.skipped[ref] = SkipReason.NO_PERSON_FOLDER
        return
    listing.photos.append(LabelledPhoto(path, ref, unicodedata.normalize("NFC", path.parent.name)))


def _ours_among(files: list[PurePosixPath]) -> set[PurePosixPath]:
    """Folders that carry niteru's mark."""
    inside = defaultdict[PurePosixPath, set[str]](set)
    for path in files:
        for above in path.parents:
            inside[above].add(path.relative_to(above).parts[0])
    return {folder for folder, names in inside.items() if MARK in names}


def _may_be_photo(name: str) -> bool:
    # Files with unknown suffixes are tried: the decoder goes by content, and what it refuses is reported.
    return not name.startswith(".") and name not in IGNORED_FILES and Path(name).suffix.lower() not in TABLE_SUFFIXES


def _list_table(table: Path, listing: Listing) -> None:
    owners: dict[str, str] = {}
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"path", "person"} <= set(rows.fieldnames or ()):
                raise FacesMissing(f"{table}: the first line must name the columns path and person")
            named = [((row["path"] or "").strip(), (row["person"] or "").strip()) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FacesMissing(f"{table}: {error}; save it as CSV in UTF-8") from None
    for text, person in named:
        name = unicodedata.normalize("NFC", person)
        ref = PurePosixPath(text).as_posix()
        if not text or not name:
            continue
        if "/" in name or not name.isprintable():
            raise FacesMissing(f"{table}: {person!r} cannot name a person: a name is printable and has no slash")
        if owners.setdefault(ref, name) != name:
            raise FacesMissing(f"{table}: {ref} belongs to both {owners[ref]} and {name}; keep one of the two rows")
    listing.photos.extend(LabelledPhoto(table.parent / ref, ref, name) for ref, name in owners.items())

"""A folder of labelled photos: the person is the name of the folder a photo lies in."""

from __future__ import annotations

import csv
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.photo import SUFFIXES

IGNORED_FILES = frozenset({"Thumbs.db", "desktop.ini"})
IGNORED_FOLDERS = frozenset({"__MACOSX"})
TABLE_SUFFIXES = frozenset({".csv", ".txt", ".md", ".json", ".npz", ".mat", ".html", ".pdf"})


class FacesMissing(Exception):
    """The folder of photos is not there or holds nothing to use."""


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One photo and whose it is; ``ref`` is its path below the root, with forward slashes."""

    path: Path
    ref: str
    person: str


def labelled_photos(root: Path) -> list[LabelledPhoto]:
    """All files that may be photos of labelled people, in a stable order.

    Args:
        root: a folder with one folder a person, at any depth, or a CSV file with columns ``path,person``
            (relative paths count from the CSV's own folder).

    Raises:
        FacesMissing: if ``root`` does not exist or holds no file under a person.
    """
    if root.is_file() and root.suffix.lower() == ".csv":
        photos = list(_from_csv(root))
    elif root.is_dir():
        photos = list(_from_folder(root))
    else:
        raise FacesMissing(f"{root}: no such folder. FACES holds one folder a person, with photos inside")
    if not photos:
        raise FacesMissing(f"{root}: no photos found. Put them in one folder a person: {root}/NAME/photo.jpg")
    return sorted(photos, key=lambda photo: photo.ref)


def stray_photos(root: Path) -> list[str]:
    """Names of files that lie beside the people's folders, and so belong to nobody."""
    if not root.is_dir():
        return []
    return sorted(p.name for p in root.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())


def _from_folder(root: Path) -> Iterator[LabelledPhoto]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in IGNORED_FOLDERS)
        if Path(folder) == root:
            continue  # a photo beside the people's folders belongs to nobody
        for name in sorted(files):
            if _may_be_photo(name):
                path = Path(folder, name)
                person = unicodedata.normalize("NFC", path.parent.name)
                yield LabelledPhoto(path, path.relative_to(root).as_posix(), person)


def _may_be_photo(name: str) -> bool:
    # Unknown endings are tried: the decoder goes by content, and what it refuses is listed, not hidden.
    return not name.startswith(".") and name not in IGNORED_FILES and Path(name).suffix.lower() not in TABLE_SUFFIXES


def _from_csv(table: Path) -> Iterator[LabelledPhoto]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if not {"path", "person"} <= set(rows.fieldnames or ()):
            raise FacesMissing(f"{table}: the first line must name the columns path and person")
        for row in rows:
            if row["path"] and row["person"]:
                path = table.parent / row["path"]
                yield LabelledPhoto(path, Path(row["path"]).as_posix(), row["person"].strip())

"""The setting that all works share: the photos, a folder to work in, and the number of turns."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from niteru.engine.photos.faces_folder import LabelledPhoto, list_photos

ADDED = 10
SUFFIXES = (".jpg", ".jpeg", ".png")
SEEN = "seen-by-all.json"
LEAST_SEEN = 21
"""Photos that are needed for questions."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The setting of one run of the bench.

    Attributes:
        photos: folder of labelled photographs.
        sets: folder with ``dev/`` (and its ``pairs.txt``) and ``kin/``, or None.
        work: folder for intermediate files.
        turns: number of turns of each tool.
        sizes: sizes of galleries, in faces.
    """

    photos: Path
    sets: Path | None
    work: Path
    turns: int
    sizes: tuple[int, ...]

    def folder(self, *names: str) -> Path:
        """Make a folder to work in."""
        folder = self.work.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def listed(self) -> list[LabelledPhoto]:
        """List the photographs that all tools can read, by type and by name: DeepFace accepts only ASCII."""
        listed = list_photos(self.photos).photos
        return [photo for photo in listed if photo.path.suffix.lower() in SUFFIXES and photo.ref.isascii()]

    def held_back(self) -> list[LabelledPhoto]:
        """Choose ten photographs that are added later."""
        listed = self.listed()
        return listed[:: max(1, len(listed) // ADDED)][:ADDED]

    def seen_by_all(self) -> list[Path]:
        """Photos in which every tool found a face, according to :mod:`bench.beside.works.index`."""
        refs = json.loads((self.work / SEEN).read_text())
        return [self.photos / ref for ref in refs]

    def asked(self, number: int) -> list[Path]:
        """Choose some of those photos, spread evenly."""
        seen = self.seen_by_all()
        return seen[:: max(1, len(seen) // number)][:number]


def copy_photos(photos: list[LabelledPhoto], to: Path) -> None:
    """Copy photos instead of linking them: DeepFace identifies a photo by its time of change, which a link alters."""
    for photo in photos:
        there = to / photo.ref
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(photo.on_disk, there)


def fresh(folder: Path) -> Path:
    """Make an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


Rows = dict[str, dict[str, Any]]

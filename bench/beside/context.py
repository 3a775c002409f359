"""What all works share: the photos, a folder to work in, and how often."""

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
"""Photos that questions are asked with."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of the bench.

    Attributes:
        photos: a folder of labelled photographs.
        sets: folders with ``dev/`` (and its ``pairs.txt``) and ``kin/``, where there are such.
        work: what is made on the way.
        turns: of each tool.
        sizes: of galleries, in faces.
    """

    photos: Path
    sets: Path | None
    work: Path
    turns: int
    sizes: tuple[int, ...]

    def folder(self, *names: str) -> Path:
        """A folder to work in, which is made."""
        folder = self.work.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def listed(self) -> list[LabelledPhoto]:
        """The photographs of kinds, and under names, that all tools read: DeepFace takes no letter beyond ASCII."""
        listed = list_photos(self.photos).photos
        return [photo for photo in listed if photo.path.suffix.lower() in SUFFIXES and photo.ref.isascii()]

    def held_back(self) -> list[LabelledPhoto]:
        """Ten of them, which come later."""
        listed = self.listed()
        return listed[:: max(1, len(listed) // ADDED)][:ADDED]

    def seen_by_all(self) -> list[Path]:
        """Photos in which every tool found a face, as :mod:`bench.beside.works.index` left word."""
        refs = json.loads((self.work / SEEN).read_text())
        return [self.photos / ref for ref in refs]

    def asked(self, number: int) -> list[Path]:
        """So many of those, spread evenly."""
        seen = self.seen_by_all()
        return seen[:: max(1, len(seen) // number)][:number]


def copy_photos(photos: list[LabelledPhoto], to: Path) -> None:
    """Copies, not links: DeepFace knows a photo by its time of change, which a new link touches."""
    for photo in photos:
        there = to / photo.ref
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(photo.on_disk, there)


def fresh(folder: Path) -> Path:
    """An empty folder there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


Rows = dict[str, dict[str, Any]]

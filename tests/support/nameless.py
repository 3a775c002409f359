"""Galleries of faces that nobody has named, made of vectors alone."""

from __future__ import annotations

from pathlib import Path

from support.people import crowd, gallery_of


def nameless_gallery(folder: Path, people: int, photos: int = 8) -> None:
    """Publish a gallery in which each of some invented people is a group of so many photos."""
    rows = [(name, photo, vector) for name, photo, vector in crowd(people=people) if int(photo[0]) < photos]
    gallery_of(folder, [("", f"{name}-{photo}", vector) for name, photo, vector in rows]).close()

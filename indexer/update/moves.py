"""Recognition of moved photos by their bytes: renamed, moved to another person, or copied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.file_content import content_hash
from niteru.engine.photos.photo_error import Unreadable
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.indexer.catalog.rows import PhotoFile, PhotoState


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """A new file, and the ref under which the catalogue has its bytes already."""

    file: PhotoFile
    source: str


def known_photos(new: Iterable[LabelledPhoto], known: Iterable[PhotoState]) -> dict[str, KnownPhoto]:
    """Find the new photos that have the bytes of a known one, by ref.

    Only files with the size of a known photo are read.

    Args:
        new: photos under names that the catalogue does not have.
        known: photos whose faces may be taken over.
    """
    of_size: dict[int, dict[str, PhotoState]] = defaultdict(dict)
    for state in known:
        of_size[state.size].setdefault(state.sha256, state)
    found = {}
    for photo in new:
        try:
            stamp = PhotoStamp.of(photo.path)
            if stamp.size not in of_size:
                continue
            sha256 = content_hash(photo.path)
        except (OSError, Unreadable):  # reading it, which follows, reports what is wrong
            continue
        source = of_size[stamp.size].get(sha256)
        if source is not None:
            file = PhotoFile(photo.ref, photo.person, sha256, *stamp, source.detector, None)
            found[photo.ref] = KnownPhoto(file, source.ref)
    return found

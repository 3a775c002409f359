"""Aligned crops of a gallery's faces: JPEG files in a local folder or at any address that fsspec knows."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable
from pathlib import Path

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.photos.own_work import MARK
from niteru.indexer.storage.crop_files import files_at

_QUALITY = 95
_COMMENT = b"\xff\xfe"
_MARK = b"niteru crop "
_JFIF = re.compile(rb"\xff\xd8\xff\xe0..JFIF\0.*\xff\xd9", re.DOTALL)
"""A crop from before they were sealed: one whose seal was damaged begins otherwise."""
_NAME = re.compile(r"/\d{4,}/(\d+)\.jpg")


class Crops:
    """One picture for each face, found by the face's id.

    Args:
        address: a folder, or ``s3://…``, ``gs://…``, ``sftp://…`` and the like
            (https://filesystem-spec.readthedocs.io).

    Raises:
        BadAddress: fsspec knows no such kind of address, or the package for it is not installed.
    """

    def __init__(self, address: str | Path) -> None:
        self.address = str(address)
        self._files = files_at(self.address)

    def path(self, face: int) -> str:
        """Path of a crop's file, in folders of a thousand: file systems slow down with millions in one."""
        return f"{self._files.root}/{face // 1000:04d}/{face}.jpg"

    def save(self, face: int, crop: Pixels) -> None:
        """Encode and store an aligned crop, uint8 RGB (112, 112, 3)."""
        self.put(face, encoded(crop))

    def put(self, face: int, data: bytes) -> None:
        """Store a crop that is a JPEG file already."""
        self._files.write(self.path(face), sealed(face, data))

    def mark(self) -> None:
        """Mark the folder as crops, so that no run takes its pictures for photos."""
        self._files.write(f"{self._files.root}/{MARK}", b'{"crops": "of a gallery"}\n')

    def data(self, face: int) -> bytes | None:
        """Content of a crop's JPEG file; None if it is lost or damaged."""
        try:
            data = self._files.read(self.path(face))
        except FileNotFoundError:
            return None
        return data if is_sound(face, data) else None

    def load(self, face: int) -> Pixels | None:
        """Pixels of a face's crop, uint8 RGB (112, 112, 3); None if it is lost or damaged."""
        data = self.data(face)
        return None if data is None else decoded(data)

    def copy(self, face: int, copy: int) -> None:
        """Store a face's crop under a second face's id as well; a lost one stays lost."""
        data = self.data(face)
        if data is not None:
            self.put(copy, data)

    def damaged(self, faces: Iterable[int]) -> list[int]:
        """Those of some faces whose crop is lost or damaged; crops at a remote address are taken to be sound."""
        return [face for face in faces if self.data(face) is None] if self._files.is_local else []

    def kept(self) -> set[int]:
        """Ids of the faces whose crop is there and not empty."""
        # A power cut can leave empty files.
        return {face for face, size in self.sizes().items() if size}

    def remove(self, faces: Collection[int]) -> None:
        """Remove the crops of some faces; those that are not there are passed over."""
        if faces:
            self._files.remove(map(self.path, faces))

    def sizes(self) -> dict[int, int]:
        """Bytes of each file that is stored here, whatever is in it, by the face's id."""
        start = len(self._files.root)
        named = ((_NAME.fullmatch(path, start), size) for path, size in self._files.sizes().items())
        return {int(name[1]): size for name, size in named if name}


def encoded(crop: Pixels) -> bytes:
    """JPEG file of an aligned crop, uint8 RGB (112, 112, 3)."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def decoded(data: bytes) -> Pixels | None:
    """Pixels of a crop's file, uint8 RGB (112, 112, 3), by the library that wrote it; None if it cannot be read."""
    crop = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if crop is None else np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.uint8)


def sealed(face: int, data: bytes) -> bytes:
    """A JPEG file with a comment at its beginning that says whose crop it is, with a checksum of all the rest."""
    picture = _without_seal(data)
    comment = _MARK + b"%d %08x" % (face, zlib.crc32(picture))
    return picture[:2] + _COMMENT + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:]


def is_sound(face: int, data: bytes) -> bool:
    """Whether a crop's file is this face's and was not changed since it was written.

    Files from before crops were sealed pass if they are whole.
    """
    return data == sealed(face, data) if _is_sealed(data) else _JFIF.fullmatch(data) is not None


def _without_seal(data: bytes) -> bytes:
    return data[:2] + data[4 + int.from_bytes(data[4:6], "big") :] if _is_sealed(data) else data


def _is_sealed(data: bytes) -> bool:
    return data[2:4] == _COMMENT and data[6:].startswith(_MARK)

"""Aligned crops of a gallery's faces: JPEG files in a local folder or at any address that fsspec knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import fsspec

from niteru.engine import Pixels
from niteru.engine.photos.decode import decode
from niteru.engine.photos.own_work import MARK
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.remote import files_below, plain_errors
from niteru.indexer.storage.address import BadAddress

_QUALITY = 95
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
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.address)
        except (ImportError, ValueError) as error:
            raise BadAddress(f"{address}: {error}") from None

    def path(self, face: int) -> str:
        """Path of a crop's file, in folders of a thousand: file systems slow down with millions in one."""
        return f"{self._root}/{face // 1000:04d}/{face}.jpg"

    def save(self, face: int, crop: Pixels) -> None:
        """Encode and store an aligned crop, uint8 RGB (112, 112, 3)."""
        self.put(face, encoded(crop))

    def put(self, face: int, data: bytes) -> None:
        """Store a crop that is a JPEG file already."""
        self._put(self.path(face), data)

    def _put(self, path: str, data: bytes) -> None:
        with plain_errors():
            try:
                self._files.pipe_file(path, data)
            except FileNotFoundError:  # object stores have no folders; file systems want them made first
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
                self._files.pipe_file(path, data)

    def mark(self) -> None:
        """Mark the folder as crops, so that no run takes its pictures for photos."""
        self._put(f"{self._root}/{MARK}", b'{"crops": "of a gallery"}\n')

    def data(self, face: int) -> bytes | None:
        """Content of a crop's JPEG file; None if it is lost."""
        try:
            with plain_errors():
                return bytes(self._files.cat_file(self.path(face)))
        except FileNotFoundError:
            return None

    def load(self, face: int) -> Pixels | None:
        """Pixels of a face's crop, uint8 RGB (112, 112, 3); None if it is lost or unreadable."""
        data = self.data(face)
        try:
            return None if data is None else decode(data)
        except PhotoError:
            return None

    def copy(self, face: int, copy: int) -> None:
        """Store a face's crop under a second face's id as well; a lost one stays lost."""
        data = self.data(face)
        if data is not None:
            self.put(copy, data)

    def kept(self) -> set[int]:
        """Ids of the faces whose crop is there and not empty."""
        # A power cut can leave empty files.
        return {face for face, size in self._sizes().items() if size}

    def stored(self) -> set[int]:
        """Ids of the faces that have a file here, whatever is in it."""
        return set(self._sizes())

    def sweep(self, living: Iterable[int]) -> None:
        """Remove the crops of all faces but these."""
        gone = self._sizes().keys() - set(living)
        if gone:
            with plain_errors():
                self._files.rm([self.path(face) for face in gone])

    def _sizes(self) -> dict[int, int]:
        named = ((_NAME.fullmatch(path.removeprefix(self._root)), info) for path, info in self._found().items())
        return {int(name[1]): int(info["size"]) for name, info in named if name}

    def _found(self) -> dict[str, dict[str, Any]]:
        try:
            return files_below(self._files, self._root)
        except FileNotFoundError:
            return {}


def encoded(crop: Pixels) -> bytes:
    """JPEG file of an aligned crop, uint8 RGB (112, 112, 3)."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()

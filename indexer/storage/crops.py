"""The aligned crops of a gallery's faces, as JPEG files in a folder here or at any address that fsspec knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import fsspec

from niteru.engine import Pixels
from niteru.engine.photos.decode import (
    PhotoError,
    decode,
)
from niteru.engine.photos.own_work import MARK
from niteru.engine.photos.remote import files_below, plain_errors
from niteru.indexer.storage.address import BadAddress

_QUALITY = 95
_NAME = re.compile(r"/\d{4,}/(\d+)\.jpg")


class Crops:
    """Pictures by the id of the face.

    Args:
        address: a folder, or ``s3://…``, ``gs://…``, ``sftp://…`` and the like
            (https://filesystem-spec.readthedocs.io).

    Raises:
        BadAddress: there is no such kind of address, or what it needs is not installed.
    """

    def __init__(self, address: str | Path) -> None:
        """See the class."""
        self.address = str(address)
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.address)
        except (ImportError, ValueError) as error:
            raise BadAddress(f"{address}: {error}") from None

    def path(self, face: int) -> str:
        """Where a crop lies (thousands a folder: file systems tire of millions)."""
        return f"{self._root}/{face // 1000:04d}/{face}.jpg"

    def save(self, face: int, crop: Pixels) -> None:
        """Keep an aligned crop, uint8 RGB (112, 112, 3)."""
        self.put(face, encoded(crop))

    def put(self, face: int, data: bytes) -> None:
        """Keep the file of a crop."""
        self._put(self.path(face), data)

    def _put(self, path: str, data: bytes) -> None:
        with plain_errors():
            try:
                self._files.pipe_file(path, data)
            except FileNotFoundError:  # stores have no folders; others want them first
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
                self._files.pipe_file(path, data)

    def mark(self) -> None:
        """Say in the folder what it is, so that nobody takes its pictures for photos."""
        self._put(f"{self._root}/{MARK}", b'{"crops": "of a gallery"}\n')

    def data(self, face: int) -> bytes | None:
        """The file of a crop; None if it is lost."""
        try:
            with plain_errors():
                return bytes(self._files.cat_file(self.path(face)))
        except FileNotFoundError:
            return None

    def load(self, face: int) -> Pixels | None:
        """The crop of a face, uint8 RGB (112, 112, 3); None if it is lost or unreadable."""
        data = self.data(face)
        try:
            return None if data is None else decode(data)
        except PhotoError:
            return None

    def copy(self, face: int, copy: int) -> None:
        """Keep a face's crop for another face, too; a lost one stays lost."""
        data = self.data(face)
        if data is not None:
            self.put(copy, data)

    def kept(self) -> set[int]:
        """Faces that have one."""
        # A power cut leaves files without content.
        return {face for face, size in self._sizes().items() if size}

    def sweep(self, living: Iterable[int]) -> None:
        """Remove the crops of all other faces."""
        gone = self._sizes().keys() - set(living)
        if gone:
            with plain_errors():
                self._files.rm([self.path(face) for face in gone])

    def _sizes(self) -> dict[int, int]:
        named = ((_NAME.fullmatch(path.removeprefix(self._root)), said) for path, said in self._found().items())
        return {int(name[1]): int(said["size"]) for name, said in named if name}

    def _found(self) -> dict[str, dict[str, Any]]:
        try:
            return files_below(self._files, self._root)
        except FileNotFoundError:
            return {}


def encoded(crop: Pixels) -> bytes:
    """The file of an aligned crop, uint8 RGB (112, 112, 3)."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()

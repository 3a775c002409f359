"""The aligned crops of a gallery's faces, as JPEG files in a folder here or at any address that fsspec knows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import cv2
import fsspec

from engine.photo import PhotoError, Pixels, decode

_QUALITY = 95


class Crops:
    """Pictures by the id of the face.

    Args:
        address: a folder, or ``s3://…``, ``gs://…``, ``sftp://…`` and the like
            (https://filesystem-spec.readthedocs.io).

    Raises:
        ImportError: what that address needs is not installed; says what is.
        ValueError: there is no such kind of address.
    """

    def __init__(self, address: str | Path) -> None:
        """See the class."""
        self.address = str(address)
        self._files, self._root = fsspec.core.url_to_fs(self.address, **_local(self.address))

    def path(self, face: int) -> str:
        """Where a crop lies (thousands a folder: file systems tire of millions)."""
        return f"{self._root}/{face // 1000:04d}/{face}.jpg"

    def save(self, face: int, crop: Pixels) -> None:
        """Keep an aligned crop, uint8 RGB (112, 112, 3)."""
        self.put(face, encoded(crop))

    def put(self, face: int, data: bytes) -> None:
        """Keep the file of a crop."""
        self._files.pipe_file(self.path(face), data)

    def data(self, face: int) -> bytes | None:
        """The file of a crop; None if it is lost."""
        try:
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
            self._files.rm([self.path(face) for face in gone])

    def _sizes(self) -> dict[int, int]:
        found = self._files.find(self._root, detail=True)
        files = {PurePosixPath(path): said["size"] for path, said in found.items()}
        return {int(path.stem): size for path, size in files.items() if path.suffix == ".jpg" and path.stem.isdigit()}


def encoded(crop: Pixels) -> bytes:
    """The file of an aligned crop, uint8 RGB (112, 112, 3)."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def _local(address: str) -> dict[str, bool]:
    """Folders are made on this machine; stores have none."""
    return {} if "://" in address else {"auto_mkdir": True}

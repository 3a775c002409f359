"""Files of crops: in a folder of this machine, or at an address that fsspec knows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from niteru.engine.photos.remote import files_below, plain_errors, store_at
from niteru.engine.photos.source import is_remote
from niteru.indexer.storage.address import BadAddress


class CropFiles(Protocol):
    """What crops need of the place where their files lie.

    Attributes:
        root: path of the place; those of its files begin with it.
        is_local: whether reading them costs next to nothing.
    """

    root: str
    is_local: bool

    def write(self, path: str, data: bytes) -> None:
        """Write a file, and what folders it needs."""

    def read(self, path: str) -> bytes:
        """Read a file.

        Raises:
            FileNotFoundError: there is none.
        """

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files; those that are not there are passed over."""

    def sizes(self) -> dict[str, int]:
        """Bytes of each file, by its path."""


def files_at(address: str) -> CropFiles:
    """Open a place for crops.

    Raises:
        BadAddress: fsspec knows no such kind of address, or the package for it is not installed.
    """
    place = address.removeprefix("file://")
    return StoreFiles(address) if is_remote(place) else LocalFiles(place)


class LocalFiles:
    """Files in a folder of this machine."""

    is_local = True

    def __init__(self, folder: str) -> None:
        self.root = Path(folder).expanduser().absolute().as_posix()

    def write(self, path: str, data: bytes) -> None:
        """Write a file, and what folders it needs."""
        file = Path(path)
        try:
            file.write_bytes(data)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def read(self, path: str) -> bytes:
        """Read a file."""
        return Path(path).read_bytes()

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files; those that are not there are passed over."""
        for path in paths:
            Path(path).unlink(missing_ok=True)

    def sizes(self) -> dict[str, int]:
        """Bytes of each file, by its path."""
        return dict(_sizes_below(self.root)) if os.path.lexists(self.root) else {}


class StoreFiles:
    """Files in a store that fsspec knows.

    Raises:
        BadAddress: fsspec knows no such kind of address, or the package for it is not installed.
    """

    is_local = False

    def __init__(self, address: str) -> None:
        try:
            self._files, self.root = store_at(address)
        except (ImportError, ValueError) as error:
            raise BadAddress(f"{address}: {error}") from None

    def write(self, path: str, data: bytes) -> None:
        """Write a file, and what folders it needs: object stores have none."""
        with plain_errors():
            try:
                self._files.pipe_file(path, data)
            except FileNotFoundError:
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
                self._files.pipe_file(path, data)

    def read(self, path: str) -> bytes:
        """Read a file."""
        with plain_errors():
            return bytes(self._files.cat_file(path))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files; those that are not there are passed over."""
        gone = [*paths]
        with plain_errors():
            try:
                self._files.rm(gone)
            except FileNotFoundError:  # some stores say so, and some do not; to ask of each takes its time
                for path in filter(self._files.exists, gone):
                    self._files.rm(path)

    def sizes(self) -> dict[str, int]:
        """Bytes of each file, by its path."""
        try:
            return {path: int(file["size"]) for path, file in files_below(self._files, self.root).items()}
        except FileNotFoundError:
            return {}


def _sizes_below(folder: str) -> Iterator[tuple[str, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes_below(path)
            else:
                yield path, entry.stat(follow_symlinks=False).st_size

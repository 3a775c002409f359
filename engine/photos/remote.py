"""Files at addresses that fsspec knows (``s3://…``, ``gs://…``, ``sftp://…``), with the methods of a path."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from typing_extensions import override

from niteru.engine.photos.source import ListedState, PhotoSource

# Fields of a store's listing that change with a file's content, the most reliable first.
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "updated", "mtime", "created")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a store, as its listing described it; the store is not asked again.

    Attributes:
        root: address that was listed.
        path: the file's path in the store.
        below: the same path relative to the root.
        size: size in bytes.
        mark: number that changes with the content.
    """

    root: str
    path: str
    below: str
    size: int
    mark: int

    def __str__(self) -> str:
        """Address of the file."""
        return f"{self.root.rstrip('/')}/{self.below}"

    @property
    def name(self) -> str:
        """Last part of the address."""
        return PurePosixPath(self.below).name

    @property
    def suffix(self) -> str:
        """The suffix with its dot."""
        return PurePosixPath(self.below).suffix

    def stat(self) -> ListedState:
        """State of the file when it was listed; the next run notices later changes."""
        return ListedState(stat.S_IFREG | 0o644, self.size, self.mark)

    def is_file(self) -> bool:
        """Always true: only files are listed."""
        return True

    def read_bytes(self) -> bytes:
        """Read the whole file, in one request."""
        # An open range: before it opens a file, and before it gets a whole one, s3fs asks for its size.
        start = 0 if self.size else None
        with plain_errors():
            return bytes(_files_of(self.root).cat_file(self.path, start=start))

    def open(self, mode: Literal["rb"]) -> io.BufferedReader:
        """Open the file for reading piece by piece."""
        with plain_errors():
            return io.BufferedReader(_Plain(_files_of(self.root).open(self.path, mode)))


class _Plain(io.RawIOBase):
    """A file in a store whose errors are those of a local file."""

    def __init__(self, file: Any) -> None:
        self._file = file

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any) -> int:
        with plain_errors():
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    @override
    def close(self) -> None:
        self._file.close()
        super().close()


def _files_of(root: str) -> Any:
    """The file system of a root: one for all threads of a process where it serves many at once, else each has its own.

    fsspec itself makes one for each thread, and a store's has connections of its own.
    """
    with _making:
        known = _shared.get((os.getpid(), root))
        if known is None:
            known, _ = store_at(root)
            if known.async_impl:
                _shared[os.getpid(), root] = known
    return known


_making = threading.Lock()
_shared: dict[tuple[int, str], Any] = {}


def store_at(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it; only this loads fsspec.

    Raises:
        ImportError: the package for this kind of address is not installed; the message names it.
        ValueError: there is no such kind of address.
    """
    from fsspec.core import url_to_fs

    files, path = url_to_fs(address)
    return files, path


def listed(address: str) -> list[tuple[str, RemoteFile]]:
    """List all files below an address, each with its path relative to it, in order.

    Raises:
        OSError: the address cannot be listed.
        ImportError: the package for this kind of address is not installed; the message names it.
        ValueError: there is no such kind of address.
    """
    files, root = store_at(address)
    with plain_errors():
        found = files_below(files, root)
    return [
        (below, RemoteFile(address, path, below, int(metadata.get("size") or 0), _mark(metadata)))
        for path, metadata in sorted(found.items())
        if (below := path.removeprefix(root).lstrip("/")) and not below.endswith("/")  # some stores list folders so
    ]


def files_below(files: Any, root: str) -> dict[str, dict[str, Any]]:
    """List a store's metadata of each file below a path, by the file's path.

    Raises:
        OSError: a folder cannot be listed (the listing of some stores skips it instead).
    """
    from fsspec.asyn import AsyncFileSystem
    from fsspec.spec import AbstractFileSystem

    listing = type(files)
    own = getattr(listing, "_find", None) not in (None, AsyncFileSystem._find) or (
        listing.find not in (AbstractFileSystem.find, AsyncFileSystem.find) and not hasattr(listing, "_find")
    )
    if own:
        return dict(files.find(root, detail=True))
    found = dict[str, dict[str, Any]]()
    for _, _, here in files.walk(root, detail=True, on_error="raise"):
        found |= {metadata["name"]: metadata for metadata in here.values()}
    return found


def files_in_folder(address: str, folder: PurePosixPath) -> dict[str, RemoteFile]:
    """List the files in one folder below an address, by name, as the store has them now.

    Raises:
        OSError: the folder cannot be listed.
    """
    with plain_errors():
        files, root = store_at(address)
        path = f"{root.rstrip('/')}/{folder}" if folder.parts else root
        files.invalidate_cache(path)
        found = {PurePosixPath(one["name"]).name: one for one in files.ls(path, detail=True)}
    return {
        name: RemoteFile(address, one["name"], str(folder / name), int(one.get("size") or 0), _mark(one))
        for name, one in found.items()
        if one.get("type") != "directory"
    }


def exists(address: str) -> bool:
    """Whether a file may exist: it does, or the store cannot be asked."""
    try:
        with plain_errors():
            files, path = store_at(address)
            return bool(files.exists(path))
    except (OSError, ImportError):
        return True


@contextlib.contextmanager
def on_this_machine(file: PhotoSource) -> Iterator[Path]:
    """Yield a local copy of a file in a store, for libraries that read nothing else; a local file is yielded itself."""
    if isinstance(file, Path):
        yield file
        return
    with tempfile.NamedTemporaryFile(suffix=file.suffix) as copy, file.open("rb") as data:
        while block := data.read(2**20):
            copy.write(block)
        copy.flush()
        yield Path(copy.name)


def _mark(metadata: dict[str, Any]) -> int:
    value = next((metadata[key] for key in _MARKS if metadata.get(key)), "")
    return int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:7], "big")


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Raise the errors of a dozen stores' libraries as :class:`OSError`: whatever they are, the file cannot be read."""
    try:
        yield
    except (OSError, ImportError, MemoryError):
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error

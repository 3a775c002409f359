"""Files at addresses that fsspec knows (``s3://…``, ``gs://…``, ``sftp://…``), as much like paths as photos need."""

from __future__ import annotations

import contextlib
import hashlib
import io
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import fsspec
from fsspec.asyn import AsyncFileSystem
from fsspec.spec import AbstractFileSystem

from niteru.engine.photos.source import ListedState, PhotoSource

# What stores say of a file that changes with its content, the surest first.
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "updated", "mtime", "created")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as a listing had it, which is not asked for again.

    Attributes:
        root: address that was listed.
        path: of the file, as the store calls it.
        below: the same, below the root.
        size: in bytes.
        mark: changes with the content.
    """

    root: str
    path: str
    below: str
    size: int
    mark: int

    def __str__(self) -> str:
        """The address."""
        return f"{self.root.rstrip('/')}/{self.below}"

    @property
    def name(self) -> str:
        """The last part of the address."""
        return PurePosixPath(self.below).name

    @property
    def suffix(self) -> str:
        """The ending with its dot."""
        return PurePosixPath(self.below).suffix

    def stat(self) -> ListedState:
        """As it was listed: a file that changed since is noticed by the next run."""
        return ListedState(stat.S_IFREG | 0o644, self.size, self.mark)

    def is_file(self) -> bool:
        """It was, when it was listed."""
        return True

    def read_bytes(self) -> bytes:
        """All of it, in one request."""
        # From the first byte on: before opening a file, and before getting a whole one, s3fs asks for its size.
        start = 0 if self.size else None
        with plain_errors():
            files, _ = fsspec.core.url_to_fs(self.root)
            return bytes(files.cat_file(self.path, start=start))

    def open(self, mode: Literal["rb"]) -> io.BufferedReader:
        """To read it piece by piece."""
        with plain_errors():
            files, _ = fsspec.core.url_to_fs(self.root)
            return io.BufferedReader(_Plain(files.open(self.path, mode)))


class _Plain(io.RawIOBase):
    """A file of a store, whose troubles are those of any file."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, into: Any) -> int:
        """See :class:`io.RawIOBase`."""
        with plain_errors():
            data = self._file.read(len(into))
        into[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close it."""
        self._file.close()
        super().close()


def is_remote(place: object) -> bool:
    """Whether an address is one of fsspec's, and no path of this machine."""
    return isinstance(place, str) and "://" in place


def listed(address: str) -> list[tuple[str, RemoteFile]]:
    """All files below an address, with their paths below it, in order.

    Raises:
        OSError: it cannot be listed.
        ImportError: what that kind of address needs is not installed; says what is.
        ValueError: there is no such kind of address.
    """
    files, root = fsspec.core.url_to_fs(address)
    with plain_errors():
        found = files_below(files, root)
    return [
        (below, RemoteFile(address, path, below, int(said.get("size") or 0), _mark(said)))
        for path, said in sorted(found.items())
        if (below := path.removeprefix(root).lstrip("/")) and not below.endswith("/")  # stores mark folders so
    ]


def files_below(files: Any, root: str) -> dict[str, dict[str, Any]]:
    """What a store says of each file below a path.

    Raises:
        OSError: a folder cannot be listed; some stores' own listing passes it over.
    """
    listing = type(files)
    own = getattr(listing, "_find", None) not in (None, AsyncFileSystem._find) or (
        listing.find not in (AbstractFileSystem.find, AsyncFileSystem.find) and not hasattr(listing, "_find")
    )
    if own:
        return dict(files.find(root, detail=True))
    found = dict[str, dict[str, Any]]()
    for _, _, here in files.walk(root, detail=True, on_error="raise"):
        found |= {said["name"]: said for said in here.values()}
    return found


def exists(address: str) -> bool:
    """Whether there may be a file: there is, or that cannot be asked."""
    try:
        with plain_errors():
            files, path = fsspec.core.url_to_fs(address)
            return bool(files.exists(path))
    except (OSError, ImportError):
        return True


@contextlib.contextmanager
def on_this_machine(file: PhotoSource) -> Iterator[Path]:
    """A file as one of this machine, for libraries that read nothing else; a copy, as long as it is needed."""
    if isinstance(file, Path):
        yield file
        return
    with tempfile.NamedTemporaryFile(suffix=file.suffix) as copy, file.open("rb") as data:
        while block := data.read(2**20):
            copy.write(block)
        copy.flush()
        yield Path(copy.name)


def _mark(said: dict[str, Any]) -> int:
    value = next((said[key] for key in _MARKS if said.get(key)), "")
    return int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:7], "big")


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Stores have errors of their own, of a dozen libraries; whatever they are, the file cannot be read."""
    try:
        yield
    except (OSError, ImportError, MemoryError):
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error

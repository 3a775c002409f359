"""Files at addresses that fsspec knows (``s3://…``, ``gs://…``, ``sftp://…``), as much like paths as photos need."""

from __future__ import annotations

import contextlib
import hashlib
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import fsspec

# What stores say of a file that changes with its content, the surest first.
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "updated", "mtime", "created")


class FileState(NamedTuple):
    """As much as is asked of :meth:`pathlib.Path.stat`; in place of a time it has a mark that changes with the file."""

    st_mode: int
    st_size: int
    st_mtime_ns: int


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as a listing had it; can be sent to other machines, and stands in for a :class:`~pathlib.Path` to read.

    Attributes:
        address: of the file.
        size: in bytes.
        mark: changes with the content.
    """

    address: str
    size: int
    mark: int

    def __str__(self) -> str:
        """The address."""
        return self.address

    @property
    def name(self) -> str:
        """The last part of the address."""
        return PurePosixPath(self.address).name

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return PurePosixPath(self.address).stem

    @property
    def suffix(self) -> str:
        """The ending with its dot."""
        return PurePosixPath(self.address).suffix

    def stat(self) -> FileState:
        """As it was listed: a file that changed since is noticed by the next run."""
        return FileState(stat.S_IFREG | 0o644, self.size, self.mark)

    def read_bytes(self) -> bytes:
        """All of it."""
        with _plain_errors(), fsspec.open(self.address, "rb") as file:
            return bytes(file.read())

    def open(self, mode: str = "rb") -> IO[bytes]:
        """To read it piece by piece."""
        with _plain_errors():
            opened: IO[bytes] = fsspec.open(self.address, mode).open()
            return opened


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
    with _plain_errors():
        found = files.find(root, detail=True)
    rows = []
    for path, said in sorted(found.items()):
        place = files.unstrip_protocol(path)
        rows.append((path.removeprefix(root).lstrip("/"), RemoteFile(place, int(said.get("size") or 0), _mark(said))))
    return rows


def exists(address: str) -> bool:
    """Whether there is a file."""
    with contextlib.suppress(OSError), _plain_errors():
        files, path = fsspec.core.url_to_fs(address)
        return bool(files.exists(path))
    return False


@contextlib.contextmanager
def on_this_machine(file: Path) -> Iterator[Path]:
    """A file as one of this machine, for libraries that read nothing else; a copy, as long as it is needed."""
    if not isinstance(file, RemoteFile):
        yield file
        return
    with tempfile.NamedTemporaryFile(suffix=file.suffix) as copy, file.open() as data:
        while block := data.read(2**20):
            copy.write(block)
        copy.flush()
        yield Path(copy.name)


def _mark(said: dict[str, Any]) -> int:
    value = next((said[key] for key in _MARKS if said.get(key)), "")
    return int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:7], "big")


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """Stores have errors of their own, of a dozen libraries; whatever they are, the file cannot be read."""
    try:
        yield
    except (OSError, ImportError, MemoryError):
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error

"""Files inside a ``.zip`` archive, with the methods of a path."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Literal

from niteru.engine.photos.source import ListedState


@dataclass(frozen=True, slots=True)
class ZippedFile:
    """A file in an archive, read like any other.

    Attributes:
        archive: path of the ``.zip``.
        inside: name of the file in the archive.
        size: unpacked size in bytes.
        crc: checksum of the content.
    """

    archive: Path
    inside: str
    size: int
    crc: int

    def __str__(self) -> str:
        """Archive and name, as a path."""
        return f"{self.archive}/{self.inside}"

    @property
    def name(self) -> str:
        """Last part of the name."""
        return PurePosixPath(self.inside).name

    @property
    def suffix(self) -> str:
        """The suffix with its dot."""
        return PurePosixPath(self.inside).suffix

    def stat(self) -> ListedState:
        """Size of the file and, instead of its time, the checksum."""
        return ListedState(stat.S_IFREG | 0o644, self.size, self.crc)

    def is_file(self) -> bool:
        """Always true: only files are listed."""
        return True

    def open(self, mode: Literal["rb"]) -> io.BytesIO:
        """Open the unpacked content.

        Raises:
            OSError: the archive is gone, or damaged at this file.
        """
        return io.BytesIO(self.read_bytes())

    def read_bytes(self) -> bytes:
        """Read the whole file, unpacked.

        Raises:
            OSError: the archive is gone, or damaged at this file.
        """
        try:
            return _opened(self.archive).read(self.inside)
        except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError) as error:
            raise OSError(f"{self}: {error}") from error


def files_in(archive: Path) -> list[ZippedFile]:
    """List all files in an archive.

    Raises:
        OSError: it is not an archive, or cannot be read.
    """
    try:
        entries = _opened(archive).infolist()
    except zipfile.BadZipFile as error:
        raise OSError(f"{archive}: {error}") from error
    return [ZippedFile(archive, entry.filename, entry.file_size, entry.CRC) for entry in entries if not entry.is_dir()]


@lru_cache(maxsize=16)
def _opened(archive: Path) -> zipfile.ZipFile:
    # Opening an archive reads the list of its files, which takes longer than reading one of them.
    return zipfile.ZipFile(archive)

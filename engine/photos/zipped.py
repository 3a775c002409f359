"""Files inside a ``.zip``, as much like paths as photos need."""

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
    """A file in an archive.

    Attributes:
        archive: the ``.zip``.
        inside: name of the file in it.
        size: in bytes, unpacked.
        crc: of its content.
    """

    archive: Path
    inside: str
    size: int
    crc: int

    def __str__(self) -> str:
        """Archive and name."""
        return f"{self.archive}/{self.inside}"

    @property
    def name(self) -> str:
        """The last part of the name."""
        return PurePosixPath(self.inside).name

    @property
    def suffix(self) -> str:
        """The ending with its dot."""
        return PurePosixPath(self.inside).suffix

    def stat(self) -> ListedState:
        """Size and, in place of a time, the checksum."""
        return ListedState(stat.S_IFREG | 0o644, self.size, self.crc)

    def is_file(self) -> bool:
        """It is listed in the archive."""
        return True

    def open(self, mode: Literal["rb"]) -> io.BytesIO:
        """Its content, unpacked.

        Raises:
            OSError: the archive is gone or damaged there.
        """
        return io.BytesIO(self.read_bytes())

    def read_bytes(self) -> bytes:
        """All of it."""
        try:
            return _opened(self.archive).read(self.inside)
        except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError) as error:
            raise OSError(f"{self}: {error}") from error


def files_in(archive: Path) -> list[ZippedFile]:
    """All files of an archive.

    Raises:
        OSError: it is no archive, or cannot be read.
    """
    try:
        entries = _opened(archive).infolist()
    except zipfile.BadZipFile as error:
        raise OSError(f"{archive}: {error}") from error
    return [ZippedFile(archive, entry.filename, entry.file_size, entry.CRC) for entry in entries if not entry.is_dir()]


@lru_cache(maxsize=16)
def _opened(archive: Path) -> zipfile.ZipFile:
    # Opening reads the list of all files; that takes longer than reading one of them.
    return zipfile.ZipFile(archive)

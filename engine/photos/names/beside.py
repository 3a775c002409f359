"""Files that lie beside a photo, in its folder here or in a store."""

from __future__ import annotations

import contextlib
import functools
import time
from pathlib import Path, PurePosixPath

from niteru.engine.photos.remote import RemoteFile, files_in_folder
from niteru.engine.photos.source import PhotoSource

_SECONDS = 60
"""For how long the listing of a store's folder is believed, which is asked for once for all photos in it."""


def beside(photo: PhotoSource, *names: str) -> PhotoSource | None:
    """The first of several files that lies in a photo's folder; None if none does, and beside files in archives.

    Raises:
        OSError: the folder in a store cannot be listed.

    Example:
        >>> from tempfile import mkdtemp
        >>> photo = Path(mkdtemp()) / "1.jpg"
        >>> _ = photo.with_name("1.jpg.xmp").write_text("")
        >>> beside(photo, "1.xmp", "1.jpg.xmp").name
        '1.jpg.xmp'
    """
    return next((file for name in names if (file := _file(photo, name)) is not None), None)


def _file(photo: PhotoSource, name: str) -> PhotoSource | None:
    if isinstance(photo, RemoteFile):
        folder = PurePosixPath(photo.below).parent
        return _in_store(photo.root, folder, int(time.monotonic() / _SECONDS)).get(name)
    if isinstance(photo, Path):
        with contextlib.suppress(OSError):  # the name may be too long for the file system
            file = photo.with_name(name)
            return file if file.is_file() else None
    return None


@functools.lru_cache(maxsize=16)
def _in_store(root: str, folder: PurePosixPath, _minute: int) -> dict[str, RemoteFile]:
    return files_in_folder(root, folder)

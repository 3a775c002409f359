"""Search of a local folder for files that may be photos, whatever else the disk holds."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from niteru.engine.photos.own_work import MARK
from niteru.engine.photos.tables.cells import TEXTS, WORKBOOKS

IGNORED_FILES = frozenset({"thumbs.db", "desktop.ini"})
IGNORED_FOLDERS = frozenset(
    {
        "__macosx",
        "@eadir",  # Synology's thumbnails
        "#recycle",
        "#snapshot",
        "@recycle",  # QNAP
        "@recently-snapshot",
        "$recycle.bin",
        "recycler",
        "system volume information",
        "lost+found",
    }
)
"""Folders that systems and network drives put beside people's photos, in lower case."""
TABLE_SUFFIXES = frozenset({*TEXTS, *WORKBOOKS, ".md", ".json", ".npz", ".mat", ".html", ".pdf"})


@dataclass(slots=True)
class FolderWalk:
    """Files found below a root; relative paths are text with forward slashes.

    Attributes:
        files: path of each file, and its path relative to the root.
        unlistable: relative paths of the folders that cannot be listed.
        misnamed: relative paths of the files whose names are not UTF-8, with escapes.
    """

    files: list[tuple[Path, str]] = field(default_factory=list)
    unlistable: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)


def walk_folder(root: Path) -> FolderWalk:
    """Find all files that may be photos, skipping hidden folders, those of systems, and niteru's own.

    A link to a folder is followed after the root's own folders, so that a folder inside the root keeps its name,
    whatever links to it.

    Raises:
        OSError: the root itself cannot be listed.
    """
    walk = FolderWalk()
    seen: set[tuple[int, int]] = set()
    links = deque([root])

    def note(error: OSError) -> None:
        if Path(error.filename) == root:
            raise error
        walk.unlistable.append(below(Path(error.filename), root))

    while links:
        for folder, folders, files in os.walk(links.popleft(), onerror=note):
            here = Path(folder)
            stat = here.stat()
            if (stat.st_dev, stat.st_ino) in seen or MARK in files:
                folders.clear()  # found by another path, or a folder of niteru's own
                continue
            seen.add((stat.st_dev, stat.st_ino))
            kept = [name for name in sorted(folders) if not is_ignored(name)]
            linked = {name for name in kept if (here / name).is_symlink()}
            links.extend(here / name for name in kept if name in linked)
            folders[:] = [name for name in kept if name not in linked]
            _enter(walk, here, "" if here == root else f"{below(here, root)}/", filter(may_be_photo, sorted(files)))
    return walk


def _enter(walk: FolderWalk, folder: Path, prefix: str, files: Iterable[str]) -> None:
    for name in files:
        ref = prefix + _as_utf8(name)
        try:
            ref.encode()
        except UnicodeEncodeError:
            # Such a name cannot be written in JSON, SQL or HTML.
            walk.misnamed.append(ref.encode("utf-8", "backslashreplace").decode())
        else:
            walk.files.append((folder / name, ref))


def below(file: Path, root: Path) -> str:
    """Path relative to a root, read as UTF-8 whatever the locale's encoding of file names."""
    return _as_utf8(file.relative_to(root).as_posix())


def _as_utf8(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def is_ignored(folder: str) -> bool:
    """Whether a folder of that name is skipped, as a hidden one or one of the system's."""
    return folder.startswith(".") or folder.lower() in IGNORED_FOLDERS


def may_be_photo(file: str) -> bool:
    """Whether a file of that name is tried; those with unknown suffixes are, since the decoder goes by content."""
    return (
        not file.startswith(".")
        and file.lower() not in IGNORED_FILES
        and os.path.splitext(file)[1].lower() not in TABLE_SUFFIXES  # noqa: PTH122  (a name, not a path)
    )

"""All files below a folder of this machine that may be photos, whatever the disk is like."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from niteru.engine.photos.own_work import MARK

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
"""What systems and network drives put beside people's photos, in lower case."""
TABLE_SUFFIXES = frozenset({".csv", ".txt", ".md", ".json", ".npz", ".mat", ".html", ".pdf"})


@dataclass(slots=True)
class FolderWalk:
    """Files below a root; their paths below it are text, with forward slashes.

    Attributes:
        files: path, and path below the root.
        unlistable: folders below the root that could not be listed, in the same form.
        misnamed: files whose names are no UTF-8, as they can be shown.
    """

    files: list[tuple[Path, str]] = field(default_factory=list)
    unlistable: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)


def walk_folder(root: Path) -> FolderWalk:
    """Walk a folder: hidden folders, those of systems, and those of niteru's own work are left out.

    A link to a folder is followed, once everything that lies there itself is known: a folder inside the root keeps its
    name, whatever links to it.

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
                folders.clear()  # known by another path, or our own work
                continue
            seen.add((stat.st_dev, stat.st_ino))
            kept = [name for name in sorted(folders) if not is_ignored(name)]
            links.extend(here / name for name in kept if (here / name).is_symlink())
            folders[:] = [name for name in kept if not (here / name).is_symlink()]
            for name in sorted(files):
                if may_be_photo(name):
                    _enter(walk, here / name, root)
    return walk


def _enter(walk: FolderWalk, file: Path, root: Path) -> None:
    ref = below(file, root)
    try:
        ref.encode()
    except UnicodeEncodeError:
        # It could not be said in JSON, SQL or a page.
        walk.misnamed.append(ref.encode("utf-8", "backslashreplace").decode())
    else:
        walk.files.append((file, ref))


def below(file: Path, root: Path) -> str:
    """A path below another, as UTF-8 reads it, whatever the locale takes file names for."""
    return os.fsencode(file.relative_to(root).as_posix()).decode("utf-8", "surrogateescape")


def is_ignored(folder: str) -> bool:
    """Whether a folder of that name holds nobody's photos."""
    return folder.startswith(".") or folder.lower() in IGNORED_FOLDERS


def may_be_photo(file: str) -> bool:
    """Whether a file of that name is tried: unknown endings are, for the decoder goes by content."""
    return (
        not file.startswith(".")
        and file.lower() not in IGNORED_FILES
        and os.path.splitext(file)[1].lower() not in TABLE_SUFFIXES  # noqa: PTH122  (a name, no path)
    )

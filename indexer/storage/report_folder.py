"""Folder of one report: swapped in whole, known by its mark, and removed without anything else that lies in it.

What a report contains is up to the code that writes it; here it is a folder with a mark that says of which gallery it
is, and with a list of its files.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from niteru.engine.photos.own_work import MARK, mark_folder, mark_of
from niteru.indexer.storage.address import GalleryBusy

FILES = ".niteru-files"
"""Name of the JSON list of a report's files, by their paths in it."""
_REPORT, _UNFINISHED = "report", "report_being_made"
"""Keys of a folder's mark, for the origin of a finished report and of an unfinished one."""
_LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_ASIDE = re.compile(r"\..*-.{8}")
"""Names that ``mkdtemp`` gives to folders beside a report."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a report was made of.

    Attributes:
        gallery: id of the gallery.
        erasures: of the gallery until then; after the next one the report shows somebody who was forgotten.
    """

    gallery: str
    erasures: int


def origin_of(folder: Path) -> Origin | None:
    """Origin of the finished report in a folder; None if it holds none."""
    return _origin(mark_of(folder), _REPORT)


def remains_of(folder: Path) -> Origin | None:
    """Origin of the report in a folder, finished or not; None if it holds none."""
    mark = mark_of(folder)
    return _origin(mark, _REPORT) or _origin(mark, _UNFINISHED)


def _origin(mark: dict[str, Any] | None, key: str) -> Origin | None:
    made = (mark or {}).get(key)
    try:
        return Origin(str(made["gallery"]), int(made["erasures"])) if isinstance(made, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


@contextlib.contextmanager
def new_report(folder: Path, origin: Origin) -> Iterator[Path]:
    """Yield an empty folder to write a report in, and swap it in for the old report on success.

    Raises:
        FileExistsError: the folder holds something other than a report.
        GalleryBusy: somebody was forgotten meanwhile, and the unfinished report was removed.
    """
    if folder.exists() and any(folder.iterdir()) and not _is_only_report(folder):
        raise FileExistsError(f"{folder} is not empty and holds no report: give another OUT")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    aside.chmod(0o755)
    mark_folder(aside, {_UNFINISHED: asdict(origin)})
    try:
        yield aside
        mark_report(aside, origin)
        _replace(folder, aside)
    except FileNotFoundError:
        if aside.exists():
            raise
        raise GalleryBusy("somebody was forgotten meanwhile: make the report again") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def mark_report(folder: Path, origin: Origin) -> None:
    """Mark a folder as a finished report that all files in it belong to.

    Raises:
        OSError: the folder cannot be written.
    """
    own = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {MARK, FILES}
    (folder / FILES).write_text(json.dumps(sorted(own), ensure_ascii=False), encoding="utf-8")
    mark_folder(folder, {_REPORT: asdict(origin)})


def reports_in(parent: Path) -> Iterator[Path]:
    """Folders right below a folder that hold a report, finished or not, or an old one that was being replaced.

    Raises:
        OSError: the folder cannot be listed.
    """
    with os.scandir(parent) as found:
        folders = [Path(entry.path) for entry in found if _is_folder(entry)]
    for folder in folders:
        if remains_of(folder):
            yield folder
        elif _ASIDE.fullmatch(folder.name) and remains_of(folder / "report"):
            yield folder / "report"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def remove_report(folder: Path) -> None:
    """Remove a report's files, and the folder if nothing else is in it; what else lies there stays.

    Raises:
        OSError: something cannot be removed, or the report's list of its files is lost; its mark stays then.
    """
    folder = folder.resolve()
    if origin_of(folder) is None:  # unfinished, and nobody puts anything into a hidden folder that is being filled
        shutil.rmtree(folder)
        return
    own = _files_of(folder)
    for inside, folders, files in os.walk(folder, topdown=False, onerror=_fail):
        for file in (Path(inside, name) for name in files):
            if file.relative_to(folder).as_posix() in own or file.name in _LEFT_BY_SYSTEMS:
                file.unlink()
        for below in (Path(inside, name) for name in folders):
            _remove_if_empty(below)
    # The mark goes last: whatever interrupts this, the rest is still known for a report.
    (folder / FILES).unlink()
    (folder / MARK).unlink()
    _remove_if_empty(folder)
    if _ASIDE.fullmatch(folder.parent.name):
        _remove_if_empty(folder.parent)


def withdraw_report(folder: Path) -> bool:
    """Remove a folder's report and the leftovers of interrupted runs beside it.

    Returns:
        Whether a report was there.
    """
    _sweep(folder)
    there = origin_of(folder) is not None
    if there:
        remove_report(folder)
    return there


def _files_of(folder: Path) -> set[str]:
    try:
        return set(json.loads((folder / FILES).read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise OSError(f"{folder / FILES} does not list the report's files: {error}") from None


def _fail(error: OSError) -> NoReturn:
    raise error


def _remove_if_empty(folder: Path) -> None:
    if not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()


def _is_only_report(folder: Path) -> bool:
    """Whether a folder contains a report and nothing else."""
    if origin_of(folder) is None:
        return False
    try:
        own = _files_of(folder) | {MARK, FILES}
    except OSError:
        return False
    files = [file for file in folder.rglob("*") if file.is_symlink() or not file.is_dir()]
    return all(file.relative_to(folder).as_posix() in own or file.name in _LEFT_BY_SYSTEMS for file in files)


def _sweep(folder: Path) -> None:
    """Remove what interrupted runs left beside a report."""
    prefix = f".{folder.name}-"
    for left in folder.parent.glob(".*"):
        # mkdtemp adds eight letters: a neighbouring report's folder with a longer name does not match.
        if not left.name.startswith(prefix) or len(left.name) != len(prefix) + 8 or not left.is_dir():
            continue
        old = left / "report"
        if old.is_dir() and not folder.exists():
            old.rename(folder)  # interrupted between moving the old report away and the new one in
        if _is_only_report(old) or not any(left.iterdir()) or remains_of(left):
            shutil.rmtree(left)


def _replace(folder: Path, aside: Path) -> None:
    """Swap ``aside`` in for ``folder``; after an interruption one of the two is still whole."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        folder.rename(old / "report")
        try:
            aside.rename(folder)
        except OSError:
            (old / "report").rename(folder)
            raise
        shutil.rmtree(old)
    else:
        aside.rename(folder)

"""Folders of a gallery's reports: swapped in whole, remembered, and removed when somebody they show is forgotten.

A report is a marked folder here, whose mark lists its parts; what those contain is up to the code that writes them.
"""

from __future__ import annotations

import contextlib
import glob
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from niteru.engine.photos.own_work import MARK, mark_folder, mark_of
from niteru.engine.work.write_atomically import write_atomically

_KNOWN = "reports.json"
_PARTS, _UNFINISHED = "report", "report_being_made"
"""Keys in a folder's mark: the names of a finished report's parts; the destination of an unfinished one."""
_LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


@contextlib.contextmanager
def new_report(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write a report in, and swap it in for the old report on success.

    Raises:
        FileExistsError: the folder holds something other than a report.
    """
    if folder.exists() and any(folder.iterdir()) and not _is_report(folder):
        raise FileExistsError(f"{folder} is not empty and holds no report: give another OUT")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    aside.chmod(0o755)
    mark_folder(aside, {_UNFINISHED: str(folder)})
    try:
        yield aside
        mark_folder(aside, {_PARTS: sorted(path.name for path in aside.iterdir())})
        _replace(folder, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def withdraw_report(folder: Path) -> bool:
    """Remove a folder's report and the leftovers of interrupted runs, which may show somebody who was forgotten.

    Returns:
        Whether a report was there.
    """
    _sweep(folder)
    there = _is_report(folder)
    if there:
        shutil.rmtree(folder)
    return there


def holds_report(folder: Path) -> bool:
    """Whether a folder contains a report, perhaps beside files of other origin."""
    return _PARTS in (mark_of(folder) or {})


def _is_report(folder: Path) -> bool:
    """Whether a folder contains a report and nothing else."""
    if not holds_report(folder):
        return False
    parts = (mark_of(folder) or {})[_PARTS]
    return {path.name for path in folder.iterdir()} <= {*parts, MARK, *_LEFT_BY_SYSTEMS}


def _sweep(folder: Path) -> None:
    """Remove what interrupted runs left beside a report."""
    # mkdtemp adds eight letters: a neighbouring report's folder with a longer name does not match.
    for left in folder.parent.glob(f".{glob.escape(folder.name)}-{'?' * 8}"):
        old = left / "report"
        if old.is_dir() and not folder.exists():
            old.rename(folder)  # interrupted between moving the old report away and the new one in
        if _is_report(old) or _is_left(left):
            shutil.rmtree(left)


def _is_left(folder: Path) -> bool:
    """Whether a folder is empty, or holds a report that was never swapped in."""
    return not any(folder.iterdir()) or _UNFINISHED in (mark_of(folder) or {}) or _is_report(folder)


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


def remember_report(gallery: Path, folder: Path) -> None:
    """Record in a gallery, where it can be written, that a folder holds a report of it."""
    with contextlib.suppress(OSError), FileLock(gallery / f"{_KNOWN}.lock"):
        _note(gallery, {*known_reports(gallery), folder.resolve()})


def known_reports(gallery: Path) -> list[Path]:
    """Folders of a gallery's reports; empty for a copied gallery, whose recorded reports show the original."""
    try:
        record = json.loads((gallery / _KNOWN).read_text(encoding="utf-8"))
        return [Path(folder) for folder in record["reports"]] if record["gallery"] == str(gallery.resolve()) else []
    except (OSError, ValueError, TypeError, KeyError):
        return []


def withdraw_reports(gallery: Path) -> None:
    """Remove all recorded reports; those out of reach or mixed with other files stay on record."""
    if not (gallery / _KNOWN).exists():
        return
    with FileLock(gallery / f"{_KNOWN}.lock"):
        left = set()
        for folder in known_reports(gallery):
            try:
                withdraw_report(folder)
            except OSError:
                left.add(folder)
            if holds_report(folder) or not folder.parent.exists():
                left.add(folder)
        _note(gallery, left)


def _note(gallery: Path, folders: set[Path]) -> None:
    record = {"gallery": str(gallery.resolve()), "reports": sorted(map(str, folders))}
    with write_atomically(gallery / _KNOWN) as aside:
        aside.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

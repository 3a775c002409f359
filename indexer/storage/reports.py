"""Reports that were made of a gallery: put in place whole, remembered, and taken away with those they show.

What is in one is the business of whoever writes it; here it is a marked folder whose mark lists its parts.
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
"""In the mark of a folder: the names of what a whole report consists of; where one that is being made will go."""
_LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


@contextlib.contextmanager
def new_report(folder: Path) -> Iterator[Path]:
    """A folder to write a report in, which takes the place of the one before when all went well.

    Raises:
        FileExistsError: the folder holds something else than a report.
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
    """Remove a report, if one is there, and what a stopped run left: it shows people who must not be shown any more.

    Returns:
        Whether one was there.
    """
    _sweep(folder)
    there = _is_report(folder)
    if there:
        shutil.rmtree(folder)
    return there


def holds_report(folder: Path) -> bool:
    """Whether a report lies in a folder, perhaps beside files that somebody else put there."""
    return _PARTS in (mark_of(folder) or {})


def _is_report(folder: Path) -> bool:
    """Whether a report, as it was written, is all that lies in a folder."""
    if not holds_report(folder):
        return False
    parts = (mark_of(folder) or {})[_PARTS]
    return {path.name for path in folder.iterdir()} <= {*parts, MARK, *_LEFT_BY_SYSTEMS}


def _sweep(folder: Path) -> None:
    """Remove what runs that were stopped left beside a report."""
    # Eight letters are what mkdtemp adds: the folder of a report beside this one is not this one's.
    for left in folder.parent.glob(f".{glob.escape(folder.name)}-{'?' * 8}"):
        old = left / "report"
        if old.is_dir() and not folder.exists():
            old.rename(folder)  # stopped between taking away the old report and putting the new one in its place
        if _is_report(old) or _is_left(left):
            shutil.rmtree(left)


def _is_left(folder: Path) -> bool:
    """Whether a folder holds nothing, or a report that was not put in its place."""
    return not any(folder.iterdir()) or _UNFINISHED in (mark_of(folder) or {}) or _is_report(folder)


def _replace(folder: Path, aside: Path) -> None:
    """Put ``aside`` in the place of ``folder``; stopped half way, one of them is still whole."""
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
    """Note in a gallery, if it can be written, that a report of it lies there."""
    with contextlib.suppress(OSError), FileLock(gallery / f"{_KNOWN}.lock"):
        _note(gallery, {*known_reports(gallery), folder.resolve()})


def known_reports(gallery: Path) -> list[Path]:
    """Where reports of a gallery lie; none of a copy, whose reports are the original's."""
    try:
        said = json.loads((gallery / _KNOWN).read_text(encoding="utf-8"))
        return [Path(place) for place in said["reports"]] if said["gallery"] == str(gallery.resolve()) else []
    except (OSError, ValueError, TypeError, KeyError):
        return []


def withdraw_reports(gallery: Path) -> None:
    """Take all known reports away; those that cannot be reached or hold something else stay known."""
    if not (gallery / _KNOWN).exists():
        return
    with FileLock(gallery / f"{_KNOWN}.lock"):
        left = set()
        for place in known_reports(gallery):
            try:
                withdraw_report(place)
            except OSError:
                left.add(place)
            if holds_report(place) or not place.parent.exists():
                left.add(place)
        _note(gallery, left)


def _note(gallery: Path, places: set[Path]) -> None:
    said = {"gallery": str(gallery.resolve()), "reports": sorted(map(str, places))}
    with write_atomically(gallery / _KNOWN) as aside:
        aside.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")

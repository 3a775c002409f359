"""The folder that a report is: made aside, put in place whole, and taken away again."""

from __future__ import annotations

import glob
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TABLES = {f"{name}.{kind}" for name in ("pairs", "people", "suspects") for kind in ("csv", "parquet")}
PARTS = frozenset({"index.html", "report.js", "report.json", "map.webp", "people", "crops", *_TABLES})
_LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


@contextmanager
def new_report(folder: Path) -> Iterator[Path]:
    """A folder to write a report in, which takes the place of the one before when all went well.

    Raises:
        FileExistsError: the folder holds something else than a report.
    """
    if folder.exists() and not _holds_no_other(folder):
        raise FileExistsError(f"{folder} is not empty and holds no report: give another OUT")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    aside.chmod(0o755)
    try:
        yield aside
        _replace(folder, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def withdraw_report(folder: Path) -> bool:
    """Remove a report, if one is there, and what a stopped run left: it shows people who must not be shown any more.

    Returns:
        Whether one was there.
    """
    _sweep(folder)
    there = (folder / "index.html").is_file() and _holds_no_other(folder)
    if there:
        shutil.rmtree(folder)
    return there


def _holds_no_other(folder: Path) -> bool:
    return {path.name for path in folder.iterdir()} <= PARTS | _LEFT_BY_SYSTEMS


def _sweep(folder: Path) -> None:
    """Remove what runs that were stopped left beside a report."""
    # Eight letters are what mkdtemp adds: the folder of a report beside this one is not this one's.
    for left in folder.parent.glob(f".{glob.escape(folder.name)}-{'?' * 8}"):
        old = left / "report"
        if old.is_dir() and not folder.exists():
            old.rename(folder)  # stopped between taking away the old report and putting the new one in its place
        if left.is_dir() and _holds_no_other(old if old.is_dir() else left):
            shutil.rmtree(left)


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

"""Files and folders that appear under their names whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def write_atomically(file: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a path to write to, which then replaces ``file`` in one step.

    It lies in the same folder, since a rename is a single step only within one file system; it ends like ``file``,
    since NumPy and Keras go by the suffix; and it begins with a dot, so that it is not taken for a photo or a model.
    After a failure the old file is as it was and nothing lies beside it. What a killed process leaves behind, the next
    one overwrites.

    Args:
        file: path of the file; its folder must exist.
        durable: whether the file must survive a power cut from then on.

    Example:
        >>> from tempfile import mkdtemp
        >>> file = Path(mkdtemp()) / "names.txt"
        >>> with write_atomically(file) as aside:
        ...     _ = aside.write_text("Ada")
        ...     file.exists()
        False
        >>> file.read_text()
        'Ada'
    """
    aside = file.with_name(f".writing-{file.name}")
    try:
        yield aside
        if durable:
            sync(aside)
        aside.replace(file)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    if durable:
        sync(file.parent)


@contextlib.contextmanager
def written_aside(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write a model into, which then replaces ``folder``.

    A service may have the old weights mapped into memory: overwriting them would change them under its feet.
    """
    aside, old = (folder.with_name(f".{what}-{folder.name}") for what in ("writing", "old"))
    for leftover in (aside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
        if folder.exists():
            folder.rename(old)
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def sync(path: Path) -> None:
    """Force the content of a file or a folder out to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

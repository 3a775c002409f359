"""Writing aside: a file or a folder appears under its name whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def write_atomically(file: Path, *, durable: bool = False) -> Iterator[Path]:
    """A path to write to that takes the place of ``file``, in one step, when all went well.

    It lies in the same folder, for only within one file system is a rename a single step; it ends like ``file``, since
    NumPy and Keras go by that; and it begins with a dot, by which photos and models are passed over. After a failure
    the old file is as it was and nothing lies beside it; what a killed process left, the next writer writes over.

    Args:
        file: in a folder that exists.
        durable: whether the file must survive a power cut once this has returned.
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
    """An empty folder to write a model into that takes the place of ``folder`` when all went well.

    A service may have the old weights mapped into memory: writing over them would change them under its feet.
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
    """Have the disk keep what a file or a folder holds."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

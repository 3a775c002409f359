"""Folder in which the processes of one service keep their counts for ``/metrics``; none stays for long."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME, _LOCK = "niteru-metrics-", "in-use"


@contextmanager
def counts_folder() -> Iterator[Path]:
    """Make such a folder, which goes when the block ends; those of services that were killed go before.

    A service holds a lock in its folder, and the system releases that when the service ends, however it ends.
    """
    from filelock import FileLock  # a service of one process has no such folder

    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_NAME))
    try:
        with FileLock(folder / _LOCK):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove the folders that nobody holds any more."""
    from filelock import FileLock

    for lock in Path(tempfile.gettempdir()).glob(f"{_NAME}*/{_LOCK}"):
        try:
            with FileLock(lock, timeout=0):
                pass
        except OSError:  # somebody holds it (a time-out is one, too), or it is another account's
            continue
        shutil.rmtree(lock.parent, ignore_errors=True)

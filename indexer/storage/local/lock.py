"""Lock file that lets one process at a time write to a gallery in a folder."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from niteru.indexer.storage.address import GalleryBusy

LOCK = "index.lock"


@contextlib.contextmanager
def gallery_lock(folder: Path) -> Iterator[None]:
    """Hold a gallery for writing; the system releases the lock when the process ends, however it ends.

    Raises:
        GalleryBusy: another run holds it; the message says which.
    """
    from filelock import FileLock, Timeout  # loads asyncio, which questions do not need

    lock = FileLock(folder / LOCK, timeout=0)
    # Not in the lock's own file, which every attempt to take the lock empties.
    holder = folder / "index.holder"
    try:
        lock.acquire()
    except Timeout:
        raise GalleryBusy(f"{folder}: another niteru is at work here{_who(holder)}; wait for it to end") from None
    try:
        since = datetime.now().astimezone().strftime("%H:%M:%S")
        with contextlib.suppress(OSError):  # on a full disk the run can still find that nothing is to be done
            holder.write_text(f"process {os.getpid()} on {socket.gethostname()}, since {since}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    with contextlib.suppress(OSError):
        return f" ({holder.read_text(encoding='utf-8')})"
    return ""

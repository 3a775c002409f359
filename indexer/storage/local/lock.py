"""One writer a gallery."""

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
    """Hold a gallery for writing. The system lets go of it when the process ends, however it does.

    Raises:
        GalleryBusy: another run holds it; says which.
    """
    from filelock import FileLock, Timeout  # loads asyncio, for which a question has no use

    lock = FileLock(folder / LOCK, timeout=0)
    # Beside the lock, for those who try to take it empty its file.
    holder = folder / "index.holder"
    try:
        lock.acquire()
    except Timeout:
        raise GalleryBusy(f"{folder}: another niteru is at work here{_who(holder)}; wait for it to end") from None
    try:
        since = datetime.now().astimezone().strftime("%H:%M:%S")
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}, since {since}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    with contextlib.suppress(OSError):
        return f" ({holder.read_text(encoding='utf-8')})"
    return ""

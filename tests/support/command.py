"""Commands run in processes of their own, as people run them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

NITERU = str(Path(sys.executable).with_name("niteru"))


def niteru(*words: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Run a command to its end."""
    return subprocess.run(
        [NITERU, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )


def start(gallery: Path, log: Path, command: Sequence[str] = (NITERU,), *more: str) -> tuple[subprocess.Popen, str]:
    """Start ``niteru serve`` and wait until it answers; return its process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--gallery", str(gallery), "--port", str(port), *more]
    with log.open("wb") as out:
        process = subprocess.Popen([*command, *words], stdout=out, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return process, address
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())

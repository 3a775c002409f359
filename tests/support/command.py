"""Commands run in processes of their own, as people run them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from support.waiting import PATIENCE_S, soon

NITERU = str(Path(sys.executable).with_name("niteru"))


def niteru(*words: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Run a command to its end."""
    return subprocess.run(
        [NITERU, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )


def as_at_a_terminal() -> None:
    """Prepare a new process that signals are sent to: nohup, or a shell's background, may have had them ignored."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def listens(port: int) -> bool:
    """Whether somebody listens there on this machine."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(gallery: Path, log: Path, command: Sequence[str] = (NITERU,), *more: str) -> tuple[subprocess.Popen, str]:
    """Start ``niteru serve`` and wait until it answers; return its process and its address."""
    port = free_port()
    words = ["serve", "--gallery", str(gallery), "--port", str(port), *more]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, *words], stdout=out, stderr=subprocess.STDOUT, preexec_fn=as_at_a_terminal
        )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
        return process.poll() is not None

    assert soon(answers), log.read_text()
    assert process.poll() is None, log.read_text()
    return process, address

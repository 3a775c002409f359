"""Real Dask cluster for tests: scheduler and workers in processes of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from support.waiting import soon

DASK = str(Path(sys.executable).with_name("dask"))


class Cluster:
    """Scheduler on this machine, which workers join on demand."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, list[subprocess.Popen[bytes]]()
        folder.mkdir(parents=True, exist_ok=True)
        words = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        self._start(words, "scheduler.log")
        self.address = self._wait(self.folder / "scheduler.log", r"Scheduler at:\s+(tcp://\S+)")

    def add_worker(self, **env: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, without a nanny, so that it stays dead when it is killed."""
        name = f"worker{len(self.processes)}"
        words = ["worker", self.address, "--nthreads", "1", "--no-nanny", "--name", name, "--no-dashboard"]
        process = self._start([*words, "--local-directory", str(self.folder / name)], f"{name}.log", **env)
        self._wait(self.folder / f"{name}.log", r"(Registered to)")
        return process

    def close(self) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()

    def _start(self, words: list[str], log: str, **env: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("wb") as out:
            process = subprocess.Popen(
                [DASK, *words], stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **env}, cwd=self.folder
            )
        self.processes.append(process)
        return process

    def _wait(self, log: Path, what: str) -> str:
        def said() -> re.Match[str] | None:
            return re.search(what, log.read_text(errors="replace"))

        assert soon(said), log.read_text(errors="replace")
        return said()[1]

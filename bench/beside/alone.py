"""Measurement of a process from outside: seconds, core-seconds, and memory of it and of all that it starts."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any

import psutil
from typing_extensions import override

from bench.left_behind import core_seconds_left, orphans_adopted
from niteru.engine.work.progress import progress_bar

SAMPLED_S = (0.01, 0.1)
"""Intervals at which memory is sampled, at first and once a process has run for some seconds."""


class Failed(Exception):
    """The tool ended with an error."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Cost and output of one turn of one tool.

    Attributes:
        wall_s: seconds from its start to its end.
        core_s: processor time of it and of all processes that it started.
        peak_mb: largest memory at once, with each shared page counted once (PSS), sampled a hundred times per second
            at first, ten times later.
        output: the last line of its standard output, read as JSON.
    """

    wall_s: float
    core_s: float
    peak_mb: float
    output: Any


def run(command: list[str], variables: dict[str, str], limit_s: float = 86_400) -> Spent:
    """Run a command to its end and measure it.

    Raises:
        Failed: the command ended with an error, or took longer than ``limit_s``.
    """
    with TemporaryFile() as out, TemporaryFile() as err, orphans_adopted():
        start = perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=err, env=variables, stdin=subprocess.DEVNULL, start_new_session=True
        )
        killer = threading.Timer(limit_s, _end, (process.pid,))
        killer.start()
        memory = _Sampled(process.pid)
        memory.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            wall = perf_counter() - start
            core = usage.ru_utime + usage.ru_stime + core_seconds_left(process.pid)
        except BaseException:  # interrupted: the command has a session of its own and would run on
            _end(process.pid)
            raise
        finally:
            killer.cancel()
            memory.done.set()
            memory.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            err.seek(0)
            raise Failed(f"{' '.join(command[:6])}: {err.read()[-2000:].decode(errors='replace')}")
        out.seek(0)
        lines = out.read().decode().strip().splitlines()
    output = json.loads(lines[-1]) if lines else None
    return Spent(wall, core, memory.peak / 2**20, output)


def _end(pid: int) -> None:
    """Kill a process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


class _Sampled(threading.Thread):
    """Sampler of the memory of a process and its children, which keeps the largest value in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.done = pid, 0, threading.Event()

    @override
    def run(self) -> None:
        often, seldom = SAMPLED_S
        start = perf_counter()
        while not self.done.wait(min(seldom, max(often, (perf_counter() - start) / 30))):
            self.peak = max(self.peak, held(self.pid))


def held(pid: int) -> int:
    """Memory in bytes of a process and all that it started, with each shared page counted once."""
    total = 0
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for one in family:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:  # the process has ended
            continue
    return total


def in_turns(runs: int, works: dict[str, Callable[[int], Spent]], title: str) -> dict[str, list[Spent]]:
    """Let the tools take turns, in another order each round, so that a busy moment affects them all."""
    spent: dict[str, list[Spent]] = {name: [] for name in works}
    with progress_bar(title, runs * len(works), "turn") as bar:
        for turn in range(runs):
            names = list(works)
            random.Random(turn).shuffle(names)
            for name in names:
                spent[name].append(works[name](turn))
                bar.update()
    return spent


def medians(turns: list[Spent]) -> dict[str, float]:
    """Medians of the turns, with their least and most seconds."""
    walls = [one.wall_s for one in turns]
    return {
        "wall_s": round(statistics.median(walls), 3),
        "least_s": round(min(walls), 3),
        "most_s": round(max(walls), 3),
        "core_s": round(statistics.median(one.core_s for one in turns), 3),
        "peak_mb": round(statistics.median(one.peak_mb for one in turns), 1),
        "turns": len(turns),
    }


def size_of(folder: Path) -> int:
    """Bytes of a folder on disk, with files that are linked twice counted once."""
    seen: dict[int, int] = {}
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            stat = file.stat()
            seen[stat.st_ino] = stat.st_blocks * 512
    return sum(seen.values())

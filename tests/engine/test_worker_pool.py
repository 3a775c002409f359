"""What worker processes begin with, and how they end."""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from niteru.engine.work.worker_pool import worker_pool

ARENAS = "MALLOC_ARENA_MAX"


@pytest.mark.parametrize("imports", [(), ("json",)])
@pytest.mark.parametrize(("chosen", "theirs"), [(None, "2"), ("4", "4")])
def test_workers_keep_little_freed_memory_unless_told_otherwise(
    imports: tuple[str, ...], chosen: str | None, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ARENAS, raising=False)
    if chosen:
        monkeypatch.setenv(ARENAS, chosen)
    with worker_pool(1, imports) as pool:
        assert pool.submit(os.getenv, ARENAS).result() == theirs
    assert os.getenv(ARENAS) == chosen


def _ended_in_the_midst_of_a_result() -> None:
    """Send the beginning of a result, as a process does that is killed while it sends a large one."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back
        frame = frame.f_back
    announced = struct.pack("!i", 1_000_000)
    os.write(frame.f_locals["result_queue"]._writer.fileno(), announced + b"the rest never comes")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("imports", [(), ("json",)])
def test_a_result_that_was_cut_off_is_not_waited_for(imports: tuple[str, ...]) -> None:
    with worker_pool(2, imports) as pool:
        longer = pool.submit(time.sleep, 3600)
        cut_off = pool.submit(_ended_in_the_midst_of_a_result)
        for future in (cut_off, longer):
            with pytest.raises(BrokenProcessPool):
                future.result(60)
        with pytest.raises(BrokenProcessPool):
            pool.submit(abs, -1)


def test_all_results_come_though_processes_end_one_after_the_other() -> None:
    with worker_pool(2) as pool:
        futures = [pool.submit(pow, number, 2) for number in range(200)]
    assert [future.result() for future in futures] == [number**2 for number in range(200)]


def test_a_pool_that_is_shut_down_by_hand_is_none_that_lost_a_process() -> None:
    for _ in range(20):
        with worker_pool(2) as pool:
            assert pool.submit(abs, -1).result() == 1
            pool.shutdown(wait=True, cancel_futures=True)

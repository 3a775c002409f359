"""What worker processes begin with."""

from __future__ import annotations

import os

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

"""NumPy's files, read by several threads."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.work.arrays import read_array, read_arrays

READINGS = 1500
"""By each thread: without a second reading some fail, nine times in ten."""


class _Finalized:
    """Garbage whose end runs Python: the collector meets it in the midst of whatever runs."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.fixture
def threads_take_turns_often() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(30)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("threads_take_turns_often")
def test_threads_that_read_at_the_same_time_all_read_what_was_written(tmp_path: Path) -> None:
    one, two = tmp_path / "one.npy", tmp_path / "two.npz"
    written = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.save(one, written)
    np.savez(two, first=written, second=written.T)

    def read(depth: int) -> int:
        if depth:  # the stacks of threads differ, as those of a request and of a thread in the background do
            return read(depth - 1)
        for _ in range(READINGS):
            _Finalized()
            assert (read_array(one) == written).all()
            arrays = read_arrays(two)
            assert (arrays["first"] == written).all() and (arrays["second"] == written.T).all()
        return READINGS

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, (0, 40, 80, 120))) == [READINGS] * 4


def test_an_array_that_is_mapped_is_left_on_the_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.ones(3))
    assert isinstance(read_array(tmp_path / "one.npy", mapped=True), np.memmap)


@pytest.mark.parametrize("left", [b"", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x01\x00\x10\x00{'descr': nothing", b"PK\x03"])
def test_a_damaged_file_is_told(left: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.npy").write_bytes(left)
    with pytest.raises(ValueError):
        read_array(tmp_path / "one.npy")

"""NumPy's files, read by threads that may run beside one another."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_TURNS = 20
"""How often a file is read before such a failure is believed: one reading in thousands met it, in four busy threads."""


def read_array(file: Path, mapped: bool = False) -> NDArray[Any]:
    """The array of a ``.npy`` file.

    Args:
        file: to read.
        mapped: leave it on the disk until it is looked at; it cannot be written then.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    return _read(file, "r" if mapped else None)  # type: ignore[no-any-return]


def read_arrays(file: Path | IO[bytes]) -> dict[str, NDArray[Any]]:
    """All arrays of a ``.npz`` file, by name.

    Raises:
        OSError, ValueError, BadZipFile: the file is missing or damaged.
    """
    return _read(file, None)  # type: ignore[no-any-return]


def _read(file: Path | IO[bytes], mode: Any) -> Any:
    # NumPy reads headers as Python literals, and Python before 3.11.8 takes what two threads parse at the same time for
    # one that went wrong: https://github.com/python/cpython/issues/106905.
    for _ in range(_TURNS - 1):
        with suppress(SystemError):
            return _read_once(file, mode)
    return _read_once(file, mode)


def _read_once(file: Path | IO[bytes], mode: Any) -> Any:
    if not isinstance(file, Path):
        file.seek(0)
    try:
        found = np.load(file, mode)
        if not isinstance(found, np.lib.npyio.NpzFile):
            return found
        with found:
            return dict(found)
    except (EOFError, TokenError) as error:  # all else that is wrong with a file, NumPy tells as a ValueError
        raise ValueError(f"{file} is damaged ({error})") from None

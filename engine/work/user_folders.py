"""The folders of the user that niteru writes to: made-again data, and models that were added."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from niteru.engine.failure import Failure


class NoHome(Failure):
    """The system knows no home folder of this user, and no variable stands in for it."""


def cache_folder() -> Path:
    """Folder of what can be made again: ``NITERU_CACHE``, or ``niteru`` in the user's cache folder.

    Raises:
        NoHome: there is neither.
    """
    return _user_folder("NITERU_CACHE", user_cache_path)


def data_folder() -> Path:
    """Folder ``niteru`` among the user's data.

    Raises:
        NoHome: the user has none.
    """
    return _user_folder("", user_data_path)


def _user_folder(variable: str, find: Callable[..., Path]) -> Path:
    if variable in os.environ:
        return Path(os.environ[variable])
    try:
        return find("niteru", appauthor=False)
    except RuntimeError:
        wanted = f"HOME or {variable}" if variable else "HOME"
        raise NoHome(f"this user has no home folder to write to: set {wanted}") from None

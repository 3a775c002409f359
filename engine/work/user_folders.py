"""The user's folders that niteru writes to: the cache, the folder of added models, and that of settings."""

from __future__ import annotations

import os
from pathlib import Path

from niteru.engine.failure import Failure


class NoHome(Failure):
    """The user has no home folder, and no environment variable names another one."""


def cache_folder() -> Path:
    """Folder of data that can be prepared again: ``NITERU_CACHE``, or ``niteru`` in the user's cache folder.

    Raises:
        NoHome: neither exists.
    """
    return _user_folder("NITERU_CACHE", "user_cache_path")


def data_folder() -> Path:
    """Folder ``niteru`` in the user's data folder.

    Raises:
        NoHome: the user has no home folder.
    """
    return _user_folder("", "user_data_path")


def config_folder() -> Path:
    """Folder of what belongs to this machine: ``NITERU_CONFIG``, or ``niteru`` in the user's folder of settings.

    Raises:
        NoHome: neither exists.
    """
    return _user_folder("NITERU_CONFIG", "user_config_path")


def _user_folder(variable: str, kind: str) -> Path:
    if variable in os.environ:
        return Path(os.environ[variable])
    import platformdirs  # a question needs none of these folders

    try:
        return Path(getattr(platformdirs, kind)("niteru", appauthor=False))
    except RuntimeError:
        wanted = f"HOME or {variable}" if variable else "HOME"
        raise NoHome(f"this user has no home folder to write to: set {wanted}") from None

"""The folder for data that can be prepared again."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """Folder of prepared data: ``NITERU_CACHE``, or ``niteru`` in the user's cache folder."""
    if "NITERU_CACHE" in os.environ:
        return Path(os.environ["NITERU_CACHE"])
    return user_cache_path("niteru", appauthor=False)

"""Where what can be made again lies."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """Where prepared data lies: ``NITERU_CACHE``, or ``niteru`` in the user's cache folder."""
    if "NITERU_CACHE" in os.environ:
        return Path(os.environ["NITERU_CACHE"])
    return user_cache_path("niteru", appauthor=False)

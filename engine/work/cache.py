"""Where what can be made again lies."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Where prepared data lies: ``NITERU_CACHE``, or ``niteru`` in the user's cache folder."""
    if "NITERU_CACHE" in os.environ:
        return Path(os.environ["NITERU_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "niteru"

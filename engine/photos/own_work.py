"""The mark of folders that niteru fills itself, whose pictures must not be taken for photos."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

MARK = ".niteru"
"""Name of a small JSON file that says what a folder is; listings of photos skip the folder."""

DRAWN = ".drawn"
"""Name of a file in a folder of drawn people that says so; hidden, so that the folder lists people alone."""


def mark_folder(folder: Path, content: dict[str, Any]) -> None:
    """Mark a folder as niteru's own, replacing an older mark."""
    (folder / MARK).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")


def mark_of(folder: Path) -> dict[str, Any] | None:
    """Read the mark of a folder; None if it has none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        content = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else None
    return None

"""The mark of folders that niteru itself fills, so that nobody takes the pictures in them for photos."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

MARK = ".niteru"
"""A small JSON file that says what a folder is; listings of photos pass the folder over."""


def mark_folder(folder: Path, content: dict[str, Any]) -> None:
    """Write the mark of a folder, in place of an older one."""
    (folder / MARK).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")


def mark_of(folder: Path) -> dict[str, Any] | None:
    """What the mark of a folder says; None where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        content = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else None
    return None

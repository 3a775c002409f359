"""Sentences of the pages, each in every language: ``page.json``.

A key names a sentence; its English form may be two, for one thing and for several. ``{name}`` stands for what is put
in.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import TypeAlias

Forms: TypeAlias = str | dict[str, str]


@functools.cache
def sentences() -> dict[str, dict[str, Forms]]:
    """The sentences by key and language."""
    text = resources.files(__package__).joinpath("page.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Forms]] = json.loads(text)
    return found

"""Sentences of the pages, each in every language: ``page.json``, and ``booth.json`` for the booth's.

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
def sentences(of: str = "page") -> dict[str, dict[str, Forms]]:
    """The sentences of a file by key and language."""
    text = resources.files(__package__).joinpath(f"{of}.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Forms]] = json.loads(text)
    return found

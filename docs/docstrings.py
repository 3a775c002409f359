"""Docstrings as the site reads them."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):(?=`)")
_EXAMPLE = re.compile(r"^(\s*)Example:$", re.MULTILINE)


class PlainWords(griffe.Extension):
    """Sphinx's roles become plain code; one example is told as examples are."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of each object that has one."""
        if obj.docstring:
            obj.docstring.value = _EXAMPLE.sub(r"\1Examples:", _ROLE.sub("", obj.docstring.value))

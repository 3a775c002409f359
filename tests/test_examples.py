"""The examples in the docstrings, run as they stand there."""

import doctest
import importlib
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OUTSIDE = ("bench", "niteru")
WINGS = ("engine", "indexer", "serve", "scripts")


def modules_with_examples():
    files = [file for folder in (*OUTSIDE, *WINGS) for file in sorted((ROOT / folder).rglob("*.py"))]
    return [_module(file.relative_to(ROOT)) for file in files if ">>> " in file.read_text(encoding="utf-8")]


def _module(file):
    parts = file.with_suffix("").parts
    return ".".join(parts if parts[0] in OUTSIDE else ("niteru", *parts)).removesuffix(".__init__")


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_show_what_happens(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module = importlib.import_module(name)
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert results.attempted
    assert not results.failed

"""The examples in the docstrings, run as they stand there."""

import doctest
import importlib
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("niteru", "engine", "indexer", "serve", "scripts")


def modules_with_examples():
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return [_module(file.relative_to(ROOT)) for file in files if ">>> " in file.read_text(encoding="utf-8")]


def _module(file):
    parts = file.with_suffix("").parts
    return ".".join(parts if parts[0] == "niteru" else ("niteru", *parts)).removesuffix(".__init__")


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_show_what_happens(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    results = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    assert results.attempted
    assert not results.failed

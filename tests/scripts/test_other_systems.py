"""The base path without what only Unix has, as on Windows: index, ask, verify, report, and a service."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

import pytest

from support.command import niteru, start
from support.drawings import draw_folder

HIDING = """
import builtins, os, sys
HIDDEN = {"fcntl", "grp", "pwd", "resource", "termios"}
real = builtins.__import__

def importing(name, globals=None, locals=None, fromlist=(), level=0):
    importer = (globals or {}).get("__name__", "").partition(".")[0]
    if not level and name in HIDDEN and importer not in sys.stdlib_module_names:
        raise ImportError(f"{name} is hidden from {importer}")
    return real(name, globals, locals, fromlist, level)

builtins.__import__ = importing
for name in ("fork", "forkpty", "killpg", "setsid", "sched_getaffinity"):
    delattr(os, name)
"""


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of processes, and of their workers, that find none of it."""
    place = tmp_path_factory.mktemp("hiding")
    (place / "sitecustomize.py").write_text(HIDING)
    return {"PYTHONPATH": str(place)}


def test_nothing_of_unix_is_needed(env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_folder(tmp_path / "photos", 3, 6)  # more than one batch, so that workers read them
    gallery = tmp_path / "gallery"
    for words in (
        ("index", tmp_path / "photos"),
        ("index", tmp_path / "photos", "--quiet"),
        ("people",),
        ("similar", next(tmp_path.glob("photos/*/*.jpg"))),
        ("verify",),
        ("report", "--out", tmp_path / "report"),
    ):
        done = niteru(*words, "--gallery", gallery, env=env)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    service, address = start(gallery, tmp_path / "log")
    try:
        with urllib.request.urlopen(f"{address}/people", timeout=60) as answer:
            assert answer.status == 200
    finally:
        service.terminate()
        service.wait(60)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_what_is_hidden_is_hidden(env: dict[str, str], tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import os, niteru\nassert not hasattr(os, 'fork')\nimport fcntl"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True)
    assert done.stderr.rstrip().endswith("fcntl is hidden from __main__")

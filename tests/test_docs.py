"""Pages say what is there: files, commands, targets; and the tutorial runs as it is written."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from niteru import __version__
from niteru.scripts.cli import niteru
from support.command import listens
from support.drawings import draw_folder
from support.waiting import PATIENCE_S, soon

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "engine" / "models").glob("*/CARD.md")),
    *(ROOT / name for name in ("CONTRIBUTING.md", "README.md", "SECURITY.md")),
]
HOUR = (ROOT / "docs" / "first-hour.md").read_text(encoding="utf-8")
CODE = re.compile(r"```.*?\n(.*?)```|`([^`\n]+)`", re.DOTALL)
PLACES = "engine|indexer|serve|scripts|bench|tests|docs|deploy"
WIDTH = 120
PEOPLE, PHOTOS = 40, 2


def code_of(page: Path) -> str:
    """What a page says as code, a line each."""
    return "\n".join("".join(found) for found in CODE.findall(page.read_text(encoding="utf-8")))


each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_files_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(rf"(?<![\w/.-])(?:{PLACES})/[\w/.-]*\w", code_of(page))
    assert [name for name in named if not (ROOT / name).exists()] == []


@each_page
def test_commands_that_a_page_names_are_there(page: Path) -> None:
    code, makefile = code_of(page), (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^(?:.*bin/)?niteru ([a-z][a-z-]*)", code, re.MULTILINE))
    assert verbs <= set(niteru.list_commands(None))
    targets = {
        target for line in re.findall(r"^make ((?:[a-z][a-z-]* ?)+)", code, re.MULTILINE) for target in line.split()
    }
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
    for module in re.findall(r"python -m (bench[\w.]*\w)", code):
        place = ROOT / module.replace(".", "/")
        assert place.is_dir() or place.with_suffix(".py").is_file(), module


@pytest.mark.parametrize("page", [*(ROOT / "docs").glob("*.md"), *ROOT.glob("C*.md"), ROOT / "SECURITY.md"])
def test_a_page_has_one_width(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > WIDTH and not line.lstrip().startswith("|")] == []


def test_the_terms_name_every_model() -> None:
    terms = (ROOT / "LICENSES" / "LicenseRef-niteru-models.txt").read_text(encoding="utf-8")
    models = [card.parent.name for card in (ROOT / "engine" / "models").glob("*/CARD.md")]
    assert models
    assert [model for model in models if model not in terms] == []


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version == __version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## [{version}] - " in (ROOT / "CHANGES.md").read_text(encoding="utf-8")


def test_the_first_hour_goes_as_it_is_written(tmp_path: Path) -> None:
    """All but the installation, with fewer people, who are drawn already, and at a port that is free."""
    draw_folder(tmp_path / "photos", PEOPLE, PHOTOS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    page = HOUR.replace("niteru serve\n", f"niteru serve --port {port}\n").replace(":8000", f":{port}")
    page = page.replace("niteru draw photos\n", f"niteru draw photos --people {PEOPLE} --photos {PHOTOS}\n")
    blocks = re.findall(r"^```(sh|python)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    bin_folder = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    service = None
    try:
        for language, code in blocks:
            if "git clone" in code or "niteru demo" in code:
                continue
            if code.startswith("niteru serve"):
                service = subprocess.Popen(shlex.split(code), cwd=tmp_path, env=env)
                assert soon(lambda: listens(int(port))), "the service does not come"
                continue
            words = ["bash", "-ec", code] if language == "sh" else [sys.executable, "-c", code]
            done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=PATIENCE_S)
            assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
    finally:
        if service is not None:
            service.terminate()
            service.wait(30)
    assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")

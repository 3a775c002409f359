"""Every command of the README works as it is written, from top to bottom."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from niteru.engine.drawn import write_people
from support.drawings import draw_folder
from support.waiting import PATIENCE_S

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    shlex.split(line, comments=True)
    for kind, block in BLOCKS
    if kind == "sh"
    for line in block.splitlines()
    if line.startswith("niteru ")
]
ELSEWHERE = ("demo", "serve")
"""Tried by the tests of these commands: the one is everything anew, the other does not end."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos as the README has them."""
    folder = tmp_path_factory.mktemp("readme")
    drawn = sorted({photo.parent for photo in draw_folder(folder / "photos", 22, 3)})
    drawn[0].rename(drawn[0].with_name("Ada Lovelace"))  # a Łukasz is among them already
    drawn[2].rename(drawn[2].with_name("Bo Ek"))
    shutil.copy(next(drawn[1].glob("*.jpg")), folder / "party.jpg")
    drawn[3].rename(folder / "photos" / "unknown")  # whose photos nobody has sorted
    (guest,) = write_people(folder / "guest", 1, 1, seed=7, workers=1)
    shutil.copy(guest, folder / "me.jpg")
    shutil.rmtree(folder / "guest")
    return folder


def run(folder: Path, *words: str) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr}"
    return done.stdout


def test_the_commands_in_their_order(folder: Path) -> None:
    tried = [words for words in COMMANDS if words[1] not in ELSEWHERE]
    assert {"index", "similar", "report", "forget"} <= {words[1] for words in tried}
    for words in tried:
        run(folder, *words)
        assert words[1] != "report" or (folder / "report" / "index.html").is_file()
    assert not (folder / "report").exists(), "it showed somebody who was forgotten"


def test_the_lines_of_python(folder: Path) -> None:
    (program,) = [block for kind, block in BLOCKS if kind == "python"]
    assert len([line for line in program.splitlines() if line.strip()]) <= 6
    (folder / "program.py").write_text(program.replace('"gallery"', '"another"'), encoding="utf-8")
    assert len(run(folder, "python", "program.py").splitlines()) == 5

"""The wheel as a stranger gets it: installed into an environment of its own, and used outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.drawings import draw_folder

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
BESIDE = ("mypy", "nbclient", "ipykernel", "pandas", "pandas-stubs")
"""What the user's own environment holds for the tests here; niteru needs none of it."""

INDEX_AND_ASK = """\
import niteru
gallery = niteru.Gallery("gallery")
gallery.index("photos")
for match in gallery.similar("photos/José/José_0001.jpg", k=3): print(match.person, match.similarity, match.rarity)
people, vectors = gallery.vectors()
print(len(people), vectors.shape, gallery.vectors().to_frame().shape)
"""
TYPED = """\
import niteru

gallery = niteru.Gallery("gallery")
best: niteru.Match = gallery.similar("me.jpg", k=1)[0]
rarest: float = min(match.rarity for match in gallery.similar("me.jpg"))
names: list[str] = [person.name for person in gallery.people()]
faces: int = gallery.index("photos").faces
largest: niteru.Group = gallery.groups()[0]
named: str = gallery.name(largest, "Ada").name
"""


@dataclass(frozen=True)
class Installed:
    """An environment with niteru in it, and a folder to work in."""

    bin: Path
    folder: Path

    def run(self, *words: str, timeout: int = 300) -> str:
        inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        done = subprocess.run(
            [str(self.bin / words[0]), *words[1:]],
            cwd=self.folder,
            env=inherited,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("stranger")
    python = folder / "environment" / "bin" / "python"
    subprocess.run(
        [UV, "venv", "--quiet", "--python", sys.executable, str(folder / "environment")], check=True, timeout=120
    )
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--python", str(python), str(wheel), *BESIDE], check=True, timeout=600
    )
    draw_folder(folder / "photos", people=40, photos=3)
    return Installed(python.parent, folder)


def test_it_puts_niteru_alone_into_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (top_level,) = [name for name in names if name.endswith("top_level.txt")]
        assert archive.read(top_level).decode().split() == ["niteru"]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"niteru", "niteru_faces"}
    for needed in (
        "py.typed",
        "engine/models/niteru-v5/model.tflite",
        "engine/models/niteru-v5/model.onnx",
        "serve/templates/home.html",
    ):
        assert f"niteru/{needed}" in names


def test_a_script_without_a_main_guard_indexes_and_asks(installed: Installed) -> None:
    (installed.folder / "ask.py").write_text(INDEX_AND_ASK, encoding="utf-8")
    *matches, shapes = installed.run("python", "ask.py").splitlines()
    assert len(matches) == 3
    assert shapes == "40 (40, 128) (40, 128)"


def test_the_demo_needs_no_make(installed: Installed) -> None:
    told = installed.run("niteru", "demo", "--people", "8", "--photos", "3")
    assert (installed.folder / "demo" / "report" / "index.html").is_file()
    assert "who looks like" in told


def test_a_users_program_is_checked_by_its_types(installed: Installed) -> None:
    (installed.folder / "typed.py").write_text(TYPED, encoding="utf-8")
    assert "no issues found" in installed.run("mypy", "--strict", "typed.py")
    (installed.folder / "wrong.py").write_text(TYPED.replace("best: niteru.Match", "best: str"), encoding="utf-8")
    with pytest.raises(AssertionError, match="Incompatible types"):
        installed.run("mypy", "--strict", "wrong.py")


def test_a_notebook_shows_faces(installed: Installed) -> None:
    cells = ["import niteru\ngallery = niteru.Gallery('gallery')\ngallery.index('photos').people"]
    cells += ["gallery.similar('José', k=3, mode='all')", "gallery.compare('José', 'Amara')", "gallery.people()"]
    (installed.folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    (installed.folder / "notebook.py").write_text(
        "import json, nbformat, nbclient\n"
        "cells = [nbformat.v4.new_code_cell(cell) for cell in json.load(open('cells.json'))]\n"
        "done = nbclient.NotebookClient(nbformat.v4.new_notebook(cells=cells), timeout=120).execute()\n"
        "print(json.dumps([cell['outputs'][-1]['data'] for cell in done.cells]))\n",
        encoding="utf-8",
    )
    enrolled, matches, comparison, people = json.loads(installed.run("python", "notebook.py"))
    assert enrolled["text/plain"] == "40"
    assert matches["text/html"].count("data:image/jpeg;base64,") == 4, "the face that was asked about, and three"
    assert comparison["text/html"].count("data:image/jpeg;base64,") == 2
    assert "<td>José</td><td>3</td>" in people["text/html"]


def test_nothing_need_be_installed(wheel: Path, tmp_path: Path) -> None:
    draw_folder(tmp_path / "photos", people=6, photos=3)
    uvx = [str(Path(UV).with_name("uvx")), "--quiet", "--python", sys.executable, "--from", str(wheel), "niteru"]
    empty = {**os.environ, "NITERU_CACHE": str(tmp_path / "cache")}
    for words in (("index", "photos", "--json"), ("people", "--json")):
        done = subprocess.run([*uvx, *words], cwd=tmp_path, env=empty, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["people"]) == 6

"""Base installation: indexing, searching and reporting where TensorFlow cannot be imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from niteru.engine.drawn import person
from support.command import niteru
from support.drawings import drawn
from support.drawn import write_image

_BLOCK = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"tensorflow", "keras", "torch", "mtcnn", "matplotlib"}:
            raise ModuleNotFoundError(f"No module named {name!r} (blocked)", name=name)

sys.meta_path.insert(0, Refuse())
"""


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """Environment in which every process, workers included, refuses to import those packages."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(_BLOCK)
    env = {"PYTHONPATH": str(tmp_path / "site")}
    refused = subprocess.run([sys.executable, "-c", "import tensorflow"], env=env, capture_output=True, text=True)
    assert "blocked" in refused.stderr
    return env


def test_index_ask_and_report(bare: dict[str, str], tmp_path: Path) -> None:
    for number in range(3):
        for photo in range(3):
            write_image(tmp_path / "faces" / person(number).name / f"{photo}.png", drawn(number, photo).image)
    write_image(tmp_path / "faces" / person(0).name / "wall.png", drawn(0).image[:40, :40] * 0 + 127)
    where = ("--gallery", tmp_path / "gallery", "--json")
    done = niteru("index", tmp_path / "faces", *where, env=bare)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["added"], summary["people"]) == (9, 3)
    assert summary["skipped"] == [{"photo": f"{person(0).name}/wall.png", "reason": "no-face"}]
    write_image(tmp_path / "new.png", drawn(2, 5).image)
    answer = json.loads(niteru("similar", tmp_path / "new.png", *where, env=bare).stdout)
    assert answer["query"]["faces_found"] == 1
    assert answer["results"][0]["person"] == person(2).name
    report = niteru("report", *where, "--out", tmp_path / "report", env=bare)
    assert Path(json.loads(report.stdout)["report"]).is_file()


def test_training_says_what_it_needs(bare: dict[str, str], tmp_path: Path) -> None:
    for verb in ("fit", "train", "train-detector"):
        done = niteru(verb, tmp_path, env=bare)
        assert done.returncode == 1
        assert "niteru-faces[train]" in done.stderr


def test_serving_loads_none_of_it() -> None:
    code = """
import sys
import numpy as np
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import load_detector
from niteru.serve.http.app import create_app
from niteru.scripts.cli import niteru
for verb in niteru.list_commands(None):
    assert niteru.get_command(None, verb).name == verb
create_app({"GALLERY": "nowhere"})
assert load_detector().detect(np.zeros((100, 100, 3), np.uint8)) == []
assert Embedder().embed(np.zeros((1, 112, 112, 3), np.uint8)).shape == (1, 128)
heavy = {"tensorflow", "keras", "torch", "mtcnn", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_service_loads_what_it_serves_with_and_no_more() -> None:
    """The service is ready in a second because it imports nothing that only draws, trains or reports."""
    code = (
        "import sys, niteru.scripts.serve;"
        "print(*({'networkx', 'niteru.engine.drawn', 'niteru.serve.report.report'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_a_question_loads_only_what_it_needs() -> None:
    code = "import sys; sys.argv = ['niteru', 'similar', '--help']\nfrom niteru.scripts.cli import niteru\n"
    code += "try: niteru()\nfinally: print(*sys.modules, file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split()
    assert "faiss" in loaded
    spared = {"asyncio", "flask", "fsspec", "marshmallow", "networkx", "pymilvus", "scipy", "sklearn", "waitress"}
    assert not spared & set(loaded)

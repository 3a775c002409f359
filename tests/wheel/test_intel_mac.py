"""The versions that an Intel Mac gets, old ones for the most part, and ONNX Runtime instead of LiteRT: run here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.drawings import draw_folder

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
COMPILE = ("pip", "compile", "pyproject.toml", "--quiet", "--only-binary", ":all:", "--no-header", "--no-annotate")


@pytest.fixture(scope="module")
def niteru(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment of those versions."""
    folder = tmp_path_factory.mktemp("intel-mac")
    versions, python = folder / "versions.txt", folder / "environment" / "bin" / "python"
    for words in (
        (*COMPILE, "--python-platform", "x86_64-apple-darwin", "--python-version", VERSION, "-o", str(versions)),
        ("venv", "--quiet", "--python", sys.executable, str(folder / "environment")),
        ("pip", "install", "--quiet", "--no-deps", "--python", str(python), "-r", str(versions), str(wheel)),
    ):
        subprocess.run([UV, *words], cwd=ROOT, check=True, timeout=600, capture_output=True)
    return python.with_name("niteru")


def test_index_and_ask(niteru: Path, tmp_path: Path) -> None:
    draw_folder(tmp_path / "photos", people=6, photos=3)
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def answer(*words: str) -> dict:
        done = subprocess.run(
            [niteru, *words, "--json"], cwd=tmp_path, env=inherited, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    assert not list(niteru.parents[1].glob("lib/*/site-packages/ai_edge_litert"))
    assert answer("index", "photos")["faces"] == 18
    photo = min((tmp_path / "photos").glob("*/*.jpg"))
    assert len(answer("similar", str(photo), "-k", "3")["results"]) == 3

"""The base path on ONNX Runtime alone, as on Intel Macs: the same answers as with LiteRT."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from support.command import niteru, start
from support.drawings import draw_folder

HIDING = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "ai_edge_litert":
            raise ModuleNotFoundError(f"No module named {name!r} (hidden)", name=name)

sys.meta_path.insert(0, Refuse())
"""


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of processes, and of their workers, that find no LiteRT."""
    pytest.importorskip("onnxruntime")
    place = tmp_path_factory.mktemp("hiding")
    (place / "sitecustomize.py").write_text(HIDING)
    return {"PYTHONPATH": str(place)}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces") / "photos"
    draw_folder(folder, 6, 3)
    return folder


def answer(photo: Path, gallery: Path, env: dict[str, str]) -> list[tuple[str, float]]:
    done = niteru("similar", photo, "--gallery", gallery, "--json", env=env)
    assert done.returncode == 0, done.stderr
    return [(row["person"], row["similarity"]) for row in json.loads(done.stdout)["results"]]


def indexed(photos: Path, gallery: Path, env: dict[str, str]) -> Any:
    done = niteru("index", photos, "--gallery", gallery, "--json", env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_answers(env: dict[str, str], photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert indexed(photos, tmp_path / "here", {})["faces"] == indexed(photos, tmp_path / "there", env)["faces"] == 18
    photo = next(iter(sorted(photos.glob("*/*.jpg"))))
    expected = answer(photo, tmp_path / "here", {})
    # A gallery made on one runtime is asked on the other, too, and needs no face embedded anew.
    for gallery in ("there", "here"):
        found = answer(photo, tmp_path / gallery, env)
        assert [name for name, _ in found] == [name for name, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=0.002)
    assert indexed(photos, tmp_path / "here", env)["added"] == 0
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    service, address = start(tmp_path / "there", tmp_path / "log")
    try:
        with urllib.request.urlopen(f"{address}/people", timeout=60) as served:
            assert served.status == 200
    finally:
        service.terminate()
        service.wait(60)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_model_without_a_twin_is_told_from_a_broken_one(env: dict[str, str]) -> None:
    code = (
        "from pathlib import Path\n"
        "from niteru.engine.networks.network import open_network\n"
        "try: open_network(Path('mine.tflite'))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True)
    assert done.stdout.startswith("ModelUnusable mine.tflite needs LiteRT"), done.stderr

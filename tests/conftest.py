"""Shared material: drawn people, a gallery of their crops, and real photos where they are at hand."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from niteru.engine.drawn import draw, person
from niteru.engine.faces.alignment import align
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update

REAL_FACES = Path(os.environ.get("NITERU_TEST_FACES", Path(__file__).parents[2] / "shared" / "faces"))
PEOPLE, PHOTOS = 6, 3
NITERU = str(Path(sys.executable).with_name("niteru"))


@dataclass(frozen=True)
class DrawnFolder:
    """Aligned crops of drawn people in ``folder``; names in the order of the people."""

    folder: Path
    names: list[str]

    def ref(self, who: int, photo: int = 1) -> str:
        name = self.names[who]
        return f"{name}/{name}_{photo:04d}.png"


def write_image(file: Path, rgb: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(cv2.imencode(file.suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes())


@pytest.fixture(scope="session")
def drawn_crops() -> dict[str, list[np.ndarray]]:
    """Aligned crops of drawn people, by name."""
    crops = {}
    for number in range(PEOPLE):
        who = person(number)
        drawings = [draw(who, photo) for photo in range(PHOTOS)]
        crops[who.name] = [align(drawing.image, drawing.landmarks) for drawing in drawings]
    return crops


@pytest.fixture
def faces(tmp_path: Path, drawn_crops: dict[str, list[np.ndarray]]) -> DrawnFolder:
    """A folder of crops that a test may change."""
    folder = tmp_path / "faces"
    for name, crops in drawn_crops.items():
        for number, crop in enumerate(crops, start=1):
            write_image(folder / name / f"{name}_{number:04d}.png", crop)
    return DrawnFolder(folder, list(drawn_crops))


@pytest.fixture
def gallery(tmp_path: Path, faces: DrawnFolder) -> Gallery:
    """A published gallery of those crops."""
    update(tmp_path / "gallery", faces.folder, crops=True)
    opened = Gallery(tmp_path / "gallery")
    yield opened
    opened.close()


def niteru(*words: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Run the command to its end."""
    return subprocess.run(
        [NITERU, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )


def start(gallery: Path, log: Path, command: Sequence[str] = (NITERU,)) -> tuple[subprocess.Popen, str]:
    """``niteru serve`` in a process of its own, once it answers, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--gallery", str(gallery), "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen([*command, *words], stdout=out, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return process, address
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def real_faces() -> Path:
    """Real photographs; tests that need them are skipped elsewhere."""
    if not (REAL_FACES / "photos").is_dir():
        pytest.skip(f"no real photographs at {REAL_FACES}; set NITERU_TEST_FACES")
    return REAL_FACES

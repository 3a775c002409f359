"""Fixtures for all tests: drawn people, a gallery of their crops, and real photos where there are any."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.drawn import draw, person
from niteru.engine.faces.alignment import align
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from support.drawn import DrawnFolder, write_image

REAL_FACES = Path(os.environ.get("NITERU_TEST_FACES", Path(__file__).parents[2] / "shared" / "faces"))
PEOPLE, PHOTOS = 6, 3


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
    """Folder of crops that a test may change."""
    folder = tmp_path / "faces"
    for name, crops in drawn_crops.items():
        for number, crop in enumerate(crops, start=1):
            write_image(folder / name / f"{name}_{number:04d}.png", crop)
    return DrawnFolder(folder, list(drawn_crops))


@pytest.fixture
def gallery(tmp_path: Path, faces: DrawnFolder) -> Gallery:
    """Published gallery of those crops."""
    update(tmp_path / "gallery", faces.folder, crops=True)
    opened = Gallery(tmp_path / "gallery")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def real_faces() -> Path:
    """Real photographs; tests that need them are skipped elsewhere."""
    if not (REAL_FACES / "photos").is_dir():
        pytest.skip(f"no real photographs at {REAL_FACES}; set NITERU_TEST_FACES")
    return REAL_FACES

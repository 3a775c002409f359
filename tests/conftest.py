"""Fixtures for all tests: drawn people, a gallery of their crops, and real photos where there are any."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.drawn import person
from niteru.engine.faces.alignment import align
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from support.drawings import drawn
from support.drawn import DrawnFolder, write_crops
from support.exiftool import ExifTool, real_exiftool
from support.party import Party, make_party

REAL_FACES = Path(os.environ.get("NITERU_TEST_FACES", Path(__file__).parents[2] / "shared" / "faces"))
PEOPLE, PHOTOS = 6, 3
LONGEST = (
    *(
        "test_cluster.py",
        "test_docs.py",
        "test_readme.py",
        "test_ending.py",
        "test_processes.py",
        "test_any_history.py",
    ),
    *("test_damage.py", "test_hardship.py", "test_forgetting_killed.py", "test_forgotten_while_copying.py"),
)
"""Files that take longest: a worker that gets one of them last would be alone with it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; pytest-xdist by itself begins with those that have most tests, which are short."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session", autouse=True)
def another_home_for_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that tests make is noted in the user's own folder of data."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def drawn_crops() -> dict[str, list[np.ndarray]]:
    """Aligned crops of drawn people, by name."""
    crops = {}
    for number in range(PEOPLE):
        drawings = [drawn(number, photo) for photo in range(PHOTOS)]
        crops[person(number).name] = [align(drawing.image, drawing.landmarks) for drawing in drawings]
    return crops


@pytest.fixture
def faces(tmp_path: Path, drawn_crops: dict[str, list[np.ndarray]]) -> DrawnFolder:
    """Folder of crops that a test may change."""
    return write_crops(tmp_path / "faces", drawn_crops)


@pytest.fixture
def gallery(tmp_path: Path, faces: DrawnFolder) -> Gallery:
    """Published gallery of those crops."""
    update(tmp_path / "gallery", faces.folder, crops=True)
    opened = Gallery(tmp_path / "gallery")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def party() -> Party:
    """A photo of two drawn people."""
    return make_party()


@pytest.fixture(scope="session")
def exiftool() -> Iterator[ExifTool]:
    """The real one; tests that need it are skipped where there is none."""
    tool = real_exiftool()
    yield tool
    tool.close()


@pytest.fixture(scope="session")
def real_faces() -> Path:
    """Real photographs; tests that need them are skipped elsewhere."""
    if not (REAL_FACES / "photos").is_dir():
        pytest.skip(f"no real photographs at {REAL_FACES}; set NITERU_TEST_FACES")
    return REAL_FACES

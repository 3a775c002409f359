"""A forgetting that was killed between any two of its steps is named, answers nobody, and is ended by the next run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.embedding.model_zoo import find_model
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.remodel import use_model
from niteru.indexer.update.rolling_back import roll_back
from niteru.indexer.update.verifying import verify
from niteru.serve.report.report import Wanted, write_report
from support.command import niteru
from support.drawn import DrawnFolder, write_crops

PROGRAM = """
import os, signal, sys
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.generations.generation_store import GenerationStore
from niteru.indexer.storage import report_folder, reports
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update import forgetting, publishing

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

owners = {"reports": (reports, "remove_report"), "half a report": (report_folder, "_remove_if_empty"),
          "publish": (LocalGenerationStore, "publish"), "erase": (forgetting, "erase"),
          "older": (GenerationStore, "drop_older"), "work": (publishing, "_remove_work"), "scrub": (Catalog, "scrub"),
          "end": (Catalog, "end_erasure")}
setattr(*owners[sys.argv[1]], die)
forgetting.forget(sys.argv[2], sys.argv[3])
"""
STEPS = ("reports", "half a report", "publish", "erase", "older", "work", "scrub", "end")


@pytest.fixture(scope="module")
def moved_away(tmp_path_factory: pytest.TempPathFactory, drawn_crops: dict[str, list[np.ndarray]]) -> Path:
    """A gallery in its second generation, with a report, which lies elsewhere than it was made."""
    root = tmp_path_factory.mktemp("made")
    faces, folder = write_crops(root / "faces", drawn_crops), root / "place" / "gallery"
    update(folder, faces.folder, crops=True)
    (faces.folder / faces.ref(5, 3)).unlink()
    update(folder, faces.folder, crops=True)
    with closing(Gallery(folder)) as gallery:
        write_report(gallery, root / "place" / "report", Wanted(max_rarity=0))
    return (root / "place").rename(root / "moved away")


@pytest.fixture
def folder(tmp_path: Path, faces: DrawnFolder, moved_away: Path) -> Path:
    """The same, for one test to change: it was moved here, for nothing lies where it was made."""
    shutil.copytree(moved_away, tmp_path / "place")
    (faces.folder / faces.ref(5, 3)).unlink()
    return tmp_path / "place" / "gallery"


def secrets_of(folder: Path, person: str) -> list[bytes]:
    with closing(Gallery(folder)) as gallery:
        rows = gallery.catalog.queries.faces_of_person(person)
        vectors = gallery.catalog.queries.vectors_of_photos({row.photo for row in rows})
        return [face.vector.tobytes() for face in vectors] + [person.encode()]


def holding(place: Path, secrets: list[bytes]) -> set[str]:
    files = [file for file in place.rglob("*") if file.is_file()]
    return {str(file.relative_to(place)) for file in files if any(one in file.read_bytes() for one in secrets)}


def kill(step: str, folder: Path, person: str) -> None:
    """Forget somebody in a process that is killed where this step would begin."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, step, folder, person], check=False, timeout=120)
    assert done.returncode == -9, step


def answered(folder: Path) -> set[str]:
    """Everybody who is in an answer about somebody else."""
    with closing(Gallery(folder)) as gallery:
        generation = gallery.generation
        face = gallery.catalog.queries.faces_of_person(gallery.catalog.queries.people()[0][1])[0]
        vector = generation.vector(face.id)
        assert vector is not None
        return {row.person for row in ask(gallery, Question(vector, None, k=100, mode="all")).results}


@pytest.mark.parametrize("step", STEPS)
def test_it_is_named_and_ended_by_the_next_forgetting(
    folder: Path, faces: DrawnFolder, tmp_path: Path, step: str
) -> None:
    person = faces.names[1]
    secrets = secrets_of(folder, person)
    assert person in answered(folder)
    kill(step, folder, person)
    assert person not in answered(folder)
    done = niteru("verify", "--gallery", folder)
    assert done.returncode == 1
    assert f"niteru forget --finish --gallery {folder}" in done.stdout
    assert niteru("forget", "--finish", "--gallery", folder).returncode == 0
    assert holding(tmp_path / "place", secrets) == set()
    assert not (tmp_path / "place" / "report").exists()
    assert verify(folder).problems == []


@pytest.mark.parametrize("step", ["reports", "older"])
@pytest.mark.parametrize("run", ["index", "forget somebody else", "forget again", "model use"])
def test_every_other_run_ends_it_too(folder: Path, faces: DrawnFolder, tmp_path: Path, step: str, run: str) -> None:
    secrets = secrets_of(folder, faces.names[1])
    kill(step, folder, faces.names[1])
    runs: dict[str, Callable[[], object]] = {
        "index": lambda: update(folder, faces.folder, crops=True),
        "forget somebody else": lambda: forget(folder, faces.names[2]),
        "forget again": lambda: forget(folder, faces.names[1]),
        "model use": lambda: use_model(folder, find_model(None)),
    }
    runs[run]()
    assert holding(tmp_path / "place", secrets) == set()
    assert verify(folder).problems == []


def test_no_generation_from_before_comes_back(folder: Path, faces: DrawnFolder) -> None:
    kill("erase", folder, faces.names[1])
    with pytest.raises(CatalogError, match=r"niteru forget --finish"):
        roll_back(folder)
    done = niteru("rollback", "--gallery", folder)
    assert done.returncode == 1
    assert "older generations still have the forgotten" in done.stderr
    assert forget(folder).clean
    assert niteru("rollback", "--gallery", folder).returncode == 1
    assert faces.names[1] not in answered(folder)

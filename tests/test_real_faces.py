"""The shipped model on real photographs, where they are at hand."""

from pathlib import Path

import numpy as np
import pytest

from engine.crop_set import CropSet, prepare
from engine.embedder import Embedder
from engine.evaluation import evaluate
from engine.retrieval import recall_at_1


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def crops_of(real_faces: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    """Crops by the landmarks that lie beside the photographs: no finder, so that it takes seconds."""
    monkeypatch.setenv("NITERU_CACHE", str(cache))
    return lambda name: prepare(real_faces / name)


def test_unseen_people_are_verified(crops_of, real_faces: Path) -> None:
    found = evaluate(crops_of("dev"), Embedder(), real_faces / "dev" / "pairs.txt").figures
    assert found["pairs"] == 6000
    assert found["accuracy"] >= 0.85
    assert set(found["by_set"]) >= {"fiw-aligned", "pins-crops"}
    assert all(part["accuracy"] > 0.75 for part in found["by_set"].values())


def test_the_nearest_other_photo_is_of_the_same_person(crops_of) -> None:
    faces: CropSet = crops_of("photos")
    people = np.unique(faces.people, return_inverse=True)[1]
    assert recall_at_1(Embedder().embed(faces.crops), people) >= 0.70


def test_a_second_preparation_reads_the_cache(crops_of, monkeypatch: pytest.MonkeyPatch) -> None:
    first = crops_of("photos")
    monkeypatch.setattr("engine.crop_set._fill", None)
    again = crops_of("photos")
    assert np.array_equal(first.crops, again.crops)
    assert first.refs == again.refs

"""The shipped model on real photographs, where they are at hand."""

from pathlib import Path

import numpy as np
import pytest

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.evaluate import evaluate
from niteru.engine.evaluation.groups import measure_groups, of_adults, thresholds
from niteru.engine.evaluation.kinface import KinFaces
from niteru.engine.evaluation.kinface import measure as measure_kin
from niteru.engine.evaluation.retrieval import recall_at_1
from niteru.engine.photos.decode import decode


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def crops_of(real_faces: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    """Crops as the detector and the aligned sets' templates give them."""
    monkeypatch.setenv("NITERU_CACHE", str(cache))
    return lambda name: prepare(real_faces / name)


def test_unseen_people_are_verified(crops_of, real_faces: Path) -> None:
    faces: CropSet = crops_of("dev")
    found = evaluate(faces, Embedder().embed(faces.crops), real_faces / "dev" / "pairs.txt").figures
    assert found["pairs"] == 6000
    assert found["accuracy"] >= 0.94
    assert found["tar_at_far_1e-2"] >= 0.865
    assert found["tar_at_far_1e-3"] >= 0.7
    assert found["recall_at_1"] >= 0.88
    assert found["kin"]["auc"] > 0.75
    assert set(found["by_set"]) >= {"fiw-aligned", "pins-crops"}
    assert all(part["accuracy"] > 0.92 for part in found["by_set"].values())


def test_strangers_of_every_group_are_told_apart(crops_of, real_faces: Path) -> None:
    """At the threshold of people that nothing here learnt from, whom it knows as well."""
    embed, people = Embedder().embed, crops_of("lfw")
    vectors = embed(people.crops)
    figures = evaluate(people, vectors, real_faces / "lfw" / "pairs.txt").figures
    assert figures["accuracy"] >= 0.991
    assert figures["tar_at_far_1e-2"] >= 0.991
    assert figures["tar_at_far_1e-3"] >= 0.983
    assert figures["recall_at_1"] >= 0.9795
    strangers = prepare(real_faces / "groups", strangers=True)
    groups = measure_groups(strangers, embed(strangers.crops), thresholds(vectors, people.people))
    passing = {group.name: group.passing["0.001"] for group in groups}
    assert all(share <= 0.013 for name, share in passing.items() if of_adults(name)), passing
    assert passing["children-2-12-aaf"] <= 0.11
    assert passing["babies-0-3-utk"] <= 0.33


def test_the_nearest_other_photo_is_of_the_same_person(crops_of) -> None:
    faces: CropSet = crops_of("photos")
    people = np.unique(faces.people, return_inverse=True)[1]
    assert recall_at_1(Embedder().embed(faces.crops), people) >= 0.95


def test_a_second_preparation_reads_the_cache(crops_of, monkeypatch: pytest.MonkeyPatch) -> None:
    first = crops_of("photos")
    monkeypatch.setattr("niteru.engine.evaluation.crop_set._fill", None)
    again = crops_of("photos")
    assert np.array_equal(first.crops, again.crops)
    assert first.refs == again.refs


def test_parents_are_more_alike_their_children_than_strangers(real_faces: Path) -> None:
    found = measure_kin(KinFaces.load(real_faces / "kin" / "KinFaceW-I"), Embedder().embed)
    assert found["pairs"] == 1066
    assert found["kin_auc"] > 0.765
    assert set(found["by_relation"]) == {"father-dau", "father-son", "mother-dau", "mother-son"}


def test_the_teachers_vectors_are_the_ones_that_lie_beside_the_photos(crops_of, real_faces: Path, tmp_path) -> None:
    """dlib's network, run here on a few aligned faces, against its vectors as they were made elsewhere."""
    pytest.importorskip("dlib")
    from niteru.engine.training.embedding.dlib_network import DlibNetwork

    with np.load(real_faces / "teacher-dlib.npz") as kept:
        vectors = dict(zip(kept["path"].tolist(), kept["vector"].astype(np.float32), strict=True))
    refs = [path for path in sorted(vectors) if path.startswith("train/fiw-aligned/")][:200:10]
    crops = np.stack([decode(real_faces / ref) for ref in refs])
    distances = np.linalg.norm(DlibNetwork().embed(crops) - np.stack([vectors[ref] for ref in refs]), axis=1)
    assert np.median(distances) < 0.35  # two photos of one person are at 0.4 to 0.6

"""How alike strangers are: by the model, and higher where a gallery's people are more alike."""

from __future__ import annotations

import numpy as np
import pytest

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.grouping import group_faces
from niteru.indexer.naming.likeness_of_strangers import LikenessOfStrangers

MODEL = {"0.5": 0.0, "0.2": 0.13, "0.02": 0.32, "0.001": 0.48, "0.0001": 0.58}
"""About what a normal distribution of deviation .155 gives."""


def strangers(count: int, shared: float, seed: int = 0) -> Vectors:
    """Strangers whose similarity is as given on average, in 42 dimensions: evenly drawn ones spread by .155."""
    dice = np.random.default_rng(seed)
    faces = np.sqrt(1 - shared) * dice.normal(size=(count, 42)) / np.sqrt(42) + np.sqrt(shared) * np.eye(42)[0]
    return np.asarray(faces / np.linalg.norm(faces, axis=1, keepdims=True), np.float32)


def test_people_as_alike_as_the_models_are_left_alone() -> None:
    measured, *_ = LikenessOfStrangers.among(strangers(400, 0.0), MODEL)
    assert measured.middle == pytest.approx(0, abs=0.02)
    assert measured.reached_by(0.001) == pytest.approx(0.48, abs=0.03)


def test_people_who_are_more_alike_must_be_nearer() -> None:
    measured, *_ = LikenessOfStrangers.among(strangers(400, 0.3), MODEL)
    assert 0.2 < measured.middle < 0.35
    assert measured.reached_by(0.02) > 0.45


def test_people_who_are_less_alike_gain_nothing() -> None:
    assert LikenessOfStrangers(MODEL, -0.3, 1.0).reached_by(0.001) == 0.48


@pytest.mark.parametrize("photos", [40, 400])
def test_photos_of_one_person_are_no_strangers(photos: int) -> None:
    """Not even where nine faces of ten are one's."""
    others = strangers(40, 0.0)
    one = (others[0] + 0.07 * np.random.default_rng(1).normal(size=(photos, 42))).astype(np.float32)
    vectors = np.concatenate([others, one / np.linalg.norm(one, axis=1, keepdims=True)])
    assert all(measured.reached_by(0.001) < 0.65 for measured in LikenessOfStrangers.among(vectors, MODEL))


def test_few_faces_say_nothing() -> None:
    assert LikenessOfStrangers.among(strangers(11, 0.5), MODEL) == (LikenessOfStrangers.by_model(MODEL),)


def test_no_more_is_asked_than_the_rarest() -> None:
    usual = LikenessOfStrangers.by_model(MODEL)
    assert usual.reached_by(1e-4) < usual.reached_by(1e-5) == usual.reached_by(1e-12)


@pytest.mark.parametrize("others", [0, 5, 30])
@pytest.mark.parametrize("photos", [12, 40, 400, 2000])
def test_photos_of_one_person_are_one_group(photos: int, others: int) -> None:
    """They look like strangers who are very much alike, but what is near to a near one is not nearer than others."""
    faces = strangers(1 + others, 0.0)
    one = (faces[0] + 0.12 * np.random.default_rng(1).normal(size=(photos, 42))).astype(np.float32)
    vectors = np.concatenate([one / np.linalg.norm(one, axis=1, keepdims=True), faces[1:]])
    _, sizes = np.unique(group_faces(vectors, MODEL), return_counts=True)
    assert sizes.max() >= 0.9 * photos


def test_beyond_what_was_measured_nothing_is_looked_up() -> None:
    """Or among a million single faces hardly two of one person would be near enough to begin with."""
    measured = LikenessOfStrangers(MODEL, 0.0, 1.0)
    assert measured.reached_by(1e-9) == measured.reached_by(1e-5) == pytest.approx(0.68, abs=0.02)


def test_a_few_odd_people_do_not_speak_for_many_who_are_alike() -> None:
    """Those alone do not seem to be of one person: by them all others would be."""
    people = np.concatenate([np.repeat(np.arange(60), 30), np.arange(60, 74)])
    alike = np.repeat(strangers(60, 0.6), 30, axis=0)
    photos = alike + 0.03 * np.random.default_rng(1).normal(size=alike.shape).astype(np.float32)
    vectors = np.concatenate([photos / np.linalg.norm(photos, axis=1, keepdims=True), strangers(14, 0.0, seed=2)])
    assert LikenessOfStrangers.among(vectors, MODEL)[0].middle > 0.5
    found = compare_groups(group_faces(vectors, MODEL), people)
    assert found.precision >= 0.95
    assert found.recall >= 0.95


def test_drawn_people_who_look_alike_are_told_apart() -> None:
    crops, people = reference_crops()
    embedder = Embedder()
    found = compare_groups(group_faces(embedder.embed(crops), embedder.info.calibration), people)
    assert found.precision >= 0.98
    assert found.recall >= 0.6

"""Groups of faces without a name: what holds for any faces, and for people who are spread as real ones are."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.average_linkage import Tokens
from niteru.indexer.naming.grouping import group_faces
from niteru.indexer.naming.nearest_faces import nearest_pairs

MODEL = Embedder().info.calibration
DIMENSION = 64
"""In so many dimensions strangers drawn evenly are about as alike as the model's own."""


def drawn(people: int, photos: int, seed: int, within: float = 0.5) -> tuple[Vectors, np.ndarray]:
    """Faces of people, and whose each is; two of one person have a similarity of 1 / (1 + within²) on average."""
    dice = np.random.default_rng(seed)
    middles = dice.normal(size=(people, 1, DIMENSION))
    faces = (middles + within * dice.normal(size=(people, photos, DIMENSION))).reshape(-1, DIMENSION)
    return (faces / np.linalg.norm(faces, axis=1, keepdims=True)).astype(np.float32), np.repeat(range(people), photos)


def parts(groups: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(groups == name).tolist()) for name in set(groups.tolist())}


galleries = st.builds(
    drawn, st.integers(1, 12), st.integers(1, 6), st.integers(0, 1000), st.sampled_from([0.3, 0.5, 0.8, 1.2])
)
some = settings(max_examples=50, deadline=None)


@some
@given(galleries, st.data())
def test_two_faces_of_one_photo_stay_apart(gallery: tuple[Vectors, np.ndarray], data: st.DataObject) -> None:
    vectors, _ = gallery
    photos = data.draw(st.lists(st.integers(0, 5), min_size=len(vectors), max_size=len(vectors)))
    tokens: dict[int, Tokens] = {row: frozenset({photo}) for row, photo in enumerate(photos) if photo}
    for group in parts(group_faces(vectors, MODEL, tokens=tokens)):
        shown = [photos[row] for row in group if photos[row]]
        assert len(shown) == len(set(shown))


@some
@given(galleries, st.data())
def test_groups_so_far_never_come_apart(gallery: tuple[Vectors, np.ndarray], data: st.DataObject) -> None:
    vectors, _ = gallery
    before = np.array(data.draw(st.lists(st.integers(-1, 4), min_size=len(vectors), max_size=len(vectors))))
    groups = group_faces(vectors, MODEL, before)
    for name in set(before[before >= 0].tolist()):
        assert len(set(groups[before == name].tolist())) == 1


@some
@given(galleries, st.randoms(use_true_random=False))
def test_the_order_of_faces_does_not_matter(gallery: tuple[Vectors, np.ndarray], dice: random.Random) -> None:
    vectors, _ = gallery
    order = np.array(dice.sample(range(len(vectors)), len(vectors)))
    shuffled = group_faces(vectors[order], MODEL)
    assert parts(group_faces(vectors, MODEL)) == {frozenset(order[list(one)].tolist()) for one in parts(shuffled)}


@some
@given(galleries)
def test_a_group_is_called_by_its_first_face(gallery: tuple[Vectors, np.ndarray]) -> None:
    groups = group_faces(gallery[0], MODEL)
    assert all(min(one) == groups[min(one)] for one in parts(groups))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("people", "photos"), [(20, 10), (200, 3), (400, 2)])
def test_groups_of_drawn_people_are_pure(people: int, photos: int, seed: int) -> None:
    vectors, who = drawn(people, photos, seed, within=0.7)
    found = compare_groups(group_faces(vectors, MODEL), who)
    assert found.precision >= 0.98
    assert found.recall >= 0.8


def test_no_new_face_leaves_all_as_it_is() -> None:
    vectors, who = drawn(5, 4, 0)
    assert parts(group_faces(vectors, MODEL, before=who)) == parts(who)


def test_a_new_face_shows_that_two_groups_are_one() -> None:
    vectors, who = drawn(8, 5, 0)
    before = np.where(who == 0, np.arange(len(who)) % 2, who + 1)
    before[4] = -1
    assert parts(group_faces(vectors, MODEL, before)) == parts(who)


def test_many_photos_of_one_person_are_one_group() -> None:
    """They are no strangers, though most pairs are theirs."""
    baby, others = drawn(1, 300, 1)[0], drawn(10, 3, 2)[0]
    groups = group_faces(np.concatenate([baby, others]), MODEL)
    assert len(set(groups[:300].tolist())) == 1
    assert not set(groups[:300].tolist()) & set(groups[300:].tolist())


def test_a_model_that_says_nothing_joins_nobody() -> None:
    assert group_faces(drawn(3, 3, 0)[0], {}).tolist() == list(range(9))


def test_no_faces_are_no_groups() -> None:
    assert group_faces(np.empty((0, 8), np.float32), MODEL).tolist() == []


def test_neighbours_are_found_among_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """By an index that does not compare all, pairs of one person are the same but for one in a hundred."""
    vectors, who = drawn(1_200, 5, 3)
    asked = np.ones(len(vectors), np.bool_)
    pairs = nearest_pairs(vectors, asked, 0.5)
    own = who[pairs.one] == who[pairs.other]
    exact = set(zip(pairs.one[own].tolist(), pairs.other[own].tolist(), strict=True))
    monkeypatch.setattr("niteru.indexer.naming.nearest_faces._EXACT_UP_TO", 1_000)
    pairs = nearest_pairs(vectors, asked, 0.5)
    assert len(exact & set(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True))) >= 0.99 * len(exact)
    assert (np.diff(pairs.cosines) <= 0).all()
    assert (pairs.one < pairs.other).all()


def test_photos_without_names_fall_into_their_people(real_faces: Path) -> None:
    photos = prepare(real_faces / "photos")
    groups = group_faces(Embedder().embed(photos.crops), MODEL)
    found = compare_groups(groups, np.array(photos.people))
    assert found.precision >= 0.98
    assert found.f1 >= 0.93

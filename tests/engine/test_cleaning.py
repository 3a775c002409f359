"""Labels put right before training: people under two names, and photos of somebody else."""

import numpy as np
import pytest

pytest.importorskip("scipy")
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.training.embedding.cleaning import clean
from niteru.engine.training.embedding.cleaning_sheet import draw_changes


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def people_with_photos(names: list[str], who: list[int], photos: int = 4) -> tuple[list[str], np.ndarray]:
    """Names of the photos and their vectors; names with the same ``who`` are one person."""
    rng = np.random.default_rng(3)
    centres = unit(rng.normal(size=(max(who) + 1, 64)))
    vectors = [centres[i] + 0.05 * rng.normal(size=64) for i in who for _ in range(photos)]
    return [name for name in names for _ in range(photos)], unit(np.array(vectors))


NAMES = [f"p{i}" for i in range(20)]


def test_two_names_of_one_person_become_one() -> None:
    people, vectors = people_with_photos([*NAMES, "alias"], [*range(20), 7])
    cleaned = clean(people, vectors)
    assert cleaned.merged == [("alias", "p7")]
    by_name = dict(zip(people, cleaned.labels, strict=True))
    assert by_name["alias"] == by_name["p7"]
    assert len(set(by_name.values())) == 20
    assert set(cleaned.labels) == set(range(20))


def test_relatives_are_never_one_person() -> None:
    names = [*NAMES, "F0001_MID1", "F0001_MID2"]
    cleaned = clean(*people_with_photos(names, [*range(20), 20, 20]))
    assert cleaned.merged == []


def test_relatives_are_not_joined_through_a_third_name() -> None:
    people, vectors = people_with_photos([*NAMES, "F0001_MID1", "F0001_MID2"], [*range(20), 20, 20])
    stranger = np.array([name == "p3" for name in people])
    vectors[stranger] = vectors[np.array([name == "F0001_MID1" for name in people])]
    cleaned = clean(people, vectors)
    assert cleaned.merged == []
    assert len(set(cleaned.labels.tolist())) == 22


def test_a_crowd_that_is_alike_is_not_one_person() -> None:
    """All babies look alike to a network: near one another, and no nearer to one than to the next."""
    people, vectors = people_with_photos(NAMES, list(range(20)))
    baby = np.ones(64) * 1.5
    crowd = np.array([person in NAMES[:12] for person in people])
    cleaned = clean(people, unit(vectors + crowd[:, None] * baby / 8))
    assert cleaned.merged == []


def test_a_photo_of_somebody_else_is_left_out() -> None:
    people, vectors = people_with_photos(NAMES, list(range(20)))
    vectors[5] = vectors[40]  # p1's second photo shows p10
    cleaned = clean(people, vectors)
    assert cleaned.dropped.tolist() == [5]
    assert cleaned.labels[5] == -1
    assert cleaned.labels[4] == cleaned.labels[6] >= 0


def test_of_two_photos_neither_is_called_wrong() -> None:
    people, vectors = people_with_photos(NAMES, list(range(20)), photos=2)
    vectors[1] = -vectors[0]
    assert clean(people, vectors).dropped.size == 0


def test_the_changes_are_drawn(tmp_path) -> None:
    people, vectors = people_with_photos([*NAMES, "alias"], [*range(20), 7])
    vectors[5] = vectors[40]
    faces = CropSet(np.zeros((len(people), 112, 112, 3), np.uint8), [f"{p}/x.jpg" for p in people], people, [])
    folder = draw_changes(faces, clean(people, vectors), tmp_path / "labels")
    assert {file.name for file in folder.iterdir()} == {"merged.jpg", "dropped.jpg"}

"""Who is called the same person: of the questions by strangers hardly any, in galleries of any size."""

import numpy as np
import pytest

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.pooling import robust_mean
from niteru.indexer.ask.persons import assemble
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.generations.rarity_calibration import Calibration, calibrate, model_calibration
from niteru.indexer.generations.tail import Tail

DIMENSION, NOISE = 32, 0.35


def photos_of(middles: np.ndarray, each: int, rng: np.random.Generator, noise: float = NOISE) -> np.ndarray:
    """Faces of people around their middles, float32 (people, each, dimension)."""
    faces = middles[:, None] + noise * rng.normal(size=(len(middles), each, DIMENSION))
    return (faces / np.linalg.norm(faces, axis=2, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("people", [50, 400, 2_000])
def test_strangers_are_hardly_ever_called_the_same_person(people: int) -> None:
    rng = np.random.default_rng(people)
    gallery = photos_of(rng.normal(size=(people, DIMENSION)), 3, rng)
    everybody, owners = gallery.reshape(-1, DIMENSION), np.arange(people).repeat(3)
    model = calibrate(photos_of(rng.normal(size=(600, DIMENSION)), 1, rng)[:, 0], np.arange(600), {})
    known = {str(share): model.similarity_at(share) for share in (1e-2, 1e-3, 1e-4)}
    calibration = calibrate(everybody, owners, known)
    by_faces, by_people = (SamePerson.of(calibration, 3 * people, chances) for chances in (3 * people, people))
    strangers = photos_of(rng.normal(size=(2_000, DIMENSION)), 3, rng)
    single = (strangers[:, 0] @ everybody.T).max(axis=1)
    assert np.mean([by_faces.holds(float(best)) for best in single]) <= 2e-3
    persons = assemble(np.arange(people), [""] * people, np.arange(0, 3 * people + 1, 3), owners, everybody)
    means = np.stack([robust_mean(three) for three in strangers])
    agreement = np.einsum("ijk,ik->i", strangers, means) / 3
    cosines = means @ persons.vectors.T
    best = cosines.argmax(axis=1)
    called = [
        by_people.holds(float(cosines[row, other]), float(agreement[row] * persons.agreement[other]))
        for row, other in enumerate(best.tolist())
    ]
    assert np.mean(called) <= 2e-3


@pytest.mark.parametrize("people", [60, 400])
def test_several_photos_find_the_same_person_more_often(people: int) -> None:
    rng = np.random.default_rng(1)
    middles = rng.normal(size=(people, DIMENSION))
    faces = photos_of(middles, 6, rng, noise=0.7)
    owners = np.arange(people).repeat(3)
    calibration = calibrate(faces[:, :3].reshape(-1, DIMENSION), owners, Embedder().info.calibration)
    test = SamePerson.of(calibration, 3 * people, 3 * people)

    def found(photos: int) -> float:
        kept = 0
        for own, asked in zip(faces[:, :3], faces[:, 3 : 3 + photos], strict=True):
            mean = robust_mean(asked)
            kept += test.holds(float((own @ mean).max()), float((asked @ mean).mean()) if photos > 1 else 1.0)
        return kept / len(faces)

    assert found(3) > found(1) + 0.05


def test_without_knowledge_of_strangers_nobody_is_called_the_same_person() -> None:
    nothing = model_calibration({"0.1": 0.2})
    assert not SamePerson.of(nothing, 10, 10).holds(0.96)
    assert SamePerson.of(nothing, 10, 10).holds(0.98), "but the same picture shows the same person"
    assert not SamePerson.of(nothing, 10, 10).holds(1.0, 0.9)
    little = model_calibration({"0.1": 0.5, "0.01": 0.7})
    assert SamePerson.of(little, 1, 1).holds(0.95)
    assert not SamePerson.of(little, 1_000, 1_000).holds(0.96), "so far its numbers do not reach"


def test_the_limit_rises_with_the_number_of_faces_and_of_people() -> None:
    calibration = calibrate(np.eye(4, dtype=np.float32), np.arange(4), {"0.01": 0.4, "0.001": 0.5, "0.0001": 0.6})
    limits = [SamePerson.of(calibration, faces, faces).faces for faces in (1, 10, 100, 1_000)]
    assert limits == pytest.approx([0.5, 0.6, 0.7, 0.8])
    averages = Tail(0.5, 1e-2, 0.1, 0.0)
    one, other = (SamePerson.of(Calibration(**{**vars(calibration), "averages": averages}), 1, n) for n in (1, 100))
    assert other.averages == pytest.approx(one.averages + 0.1 * np.log(100))

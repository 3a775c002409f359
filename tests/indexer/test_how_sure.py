"""How sure an answer is: the rule, the two sides' photos, and that every door says the same of the same likeness."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.evaluation.photo_spread import LEAST_PEOPLE, photo_spread, squared_differences
from niteru.engine.faces.detector import WholePicture
from niteru.engine.faces.quality import blur_of
from niteru.indexer.ask.compared import variances
from niteru.indexer.ask.how_sure import Interval, interval, variance_of
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.ask.persons import everybody, variance_of_side
from niteru.indexer.ask.probe import from_photos
from niteru.indexer.ask.rarity_in_words import LANGUAGES, likely_in_words, surely_in_words
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.rarity_calibration import Calibration, model_calibration
from support.people import crowd, gallery_of

SPREAD = {"0.58": 0.08, "0.80": 0.16}


def decades(similarity: float) -> float:
    """A rarity that falls by a decade each .1."""
    return 10 ** (-10 * similarity)


def ends(likely: Interval) -> tuple[float, float]:
    return likely.rarest, likely.most_common


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    opened = gallery_of(tmp_path_factory.mktemp("sure"), crowd())
    yield opened
    opened.close()


def test_the_word_says_how_many_grades_the_interval_spans() -> None:
    assert [Interval(1e-4, most).how_sure for most in (9.9e-4, 1.1e-3, 9.9e-3, 1.1e-2)] == [
        "sure",
        "fairly sure",
        "fairly sure",
        "a guess",
    ]


def test_the_interval_widens_with_the_variance_and_holds_the_rarity() -> None:
    narrow, wide = (interval(decades, 0.4, spread**2) for spread in (0.03, 0.1))
    assert wide.rarest < narrow.rarest < decades(0.4) < narrow.most_common < wide.most_common
    assert narrow.most_common / narrow.rarest == pytest.approx(10 ** (20 * 1.2816 * 0.03))


def test_a_blurred_photo_is_less_sure_than_a_sharp_one_and_a_model_that_says_nothing_is_a_guess() -> None:
    said = replace(model_calibration({"0.1": 0.1, "0.0001": 0.4}), spread=SPREAD)
    assert said.spread_of() == said.spread_of(0.3) == 0.08
    assert said.spread_of(0.69) == pytest.approx(0.12)
    assert said.spread_of(0.95) == 0.16
    unknown = variance_of(np.float32([0.3]), model_calibration({"0.1": 0.1, "0.0001": 0.4}).spread_of(0.5))
    assert interval(decades, 0.3, unknown).how_sure == "a guess"
    assert Calibration.from_json(said.to_json()) == said


def test_more_photos_are_surer_and_photos_that_disagree_are_not() -> None:
    agree, disagree = np.float32([0.5, 0.52, 0.48, 0.5]), np.float32([0.1, 0.9, 0.3, 0.7])
    one = variance_of(agree[:1], 0.08)
    assert variance_of(agree, 0.08) < one / 4 < variance_of(disagree, 0.08)
    assert variance_of(agree[:1], 0.08, 6) == pytest.approx(one / 6)
    assert variance_of(disagree, np.inf) == pytest.approx(disagree.var(ddof=1) / 4)


def test_a_photo_that_is_there_twelve_times_counts_once() -> None:
    dice = np.random.default_rng(0)
    one, other = (vector / np.linalg.norm(vector) for vector in dice.normal(size=(2, 32)).astype(np.float32))
    single = variance_of_side(one[None], one, other, 0.08)
    assert variance_of_side(np.repeat(one[None], 12, axis=0), one, other, 0.08) == pytest.approx(single)


def test_a_person_by_many_photos_is_surer_than_by_one(gallery: Gallery) -> None:
    people, usual = everybody(gallery), np.full(5, 0.08)
    for row, by_all in enumerate(variances(people, np.arange(5), np.arange(1, 6), (usual, usual)).tolist()):
        one, other = (
            (people.vectors[row], people.faces[people.rows(row)]),
            (people.vectors[row + 1], people.faces[people.rows(row + 1)]),
        )
        sides = variance_of_side(one[1], one[0], other[0], 0.08) + variance_of_side(other[1], other[0], one[0], 0.08)
        assert by_all == pytest.approx(sides, rel=1e-4)
        by_one = people.only([people.names[row + 1]])
        single = variance_of_side(people.faces[people.rows(row)][:1], people.vectors[row], by_one.vectors[0], 0.08)
        assert by_all < single / 2


def test_rows_of_a_photo_carry_the_spread_of_both_sides(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery.generation, "calibration", replace(gallery.generation.calibration, spread=SPREAD))
    rarity, vector = gallery.generation.calibration.rarity, gallery.vector(gallery.resolve("P00/0.jpg").id)
    question = Question(vector, None, k=3, blur=0.69)
    for row in ask(gallery, question).results:
        assert ends(row.likely) == pytest.approx(ends(interval(rarity, row.similarity, 0.12**2 + 0.08**2 / 8)))
    for row in ask(gallery, replace(question, by="face", blur=None)).results:
        assert ends(row.likely) == pytest.approx(ends(interval(rarity, row.similarity, 2 * 0.08**2)))
    photos = np.stack([gallery.vector(gallery.resolve(f"P00/{number}.jpg").id) for number in range(4)])
    several = ask(gallery, replace(question, photos=photos, agreement=float((photos @ vector).mean()))).results
    assert all(
        row.likely.most_common / row.likely.rarest < one.likely.most_common / one.likely.rarest
        for row, one in zip(several[1:], ask(gallery, question).results[1:], strict=True)
    )


def test_one_blurred_photo_is_a_guess(tmp_path: Path, gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawn crop is sent as it is and blurred: the blurred one is a guess, and the other is surer."""
    monkeypatch.setattr(gallery.generation, "calibration", replace(gallery.generation.calibration, spread=SPREAD))
    recogniser = Recogniser(WholePicture(), Embedder())
    sharp = reference_crops()[0][0]
    spans = []
    for picture in (sharp, np.asarray(cv2.GaussianBlur(sharp, (0, 0), 4), np.uint8)):
        probe = from_photos(recogniser, [picture], "main")
        assert probe.blur == pytest.approx(blur_of(picture), abs=0.01)
        first = ask(gallery, Question(gallery.generation.vectors(gallery.generation.face_ids[:1])[0], blur=probe.blur))
        spans.append(first.results[1].likely)
    assert spans[0].most_common / spans[0].rarest < spans[1].most_common / spans[1].rarest
    assert spans[1].how_sure == "a guess"


def test_the_spread_grows_with_blur_and_is_not_told_of_few_people(monkeypatch: pytest.MonkeyPatch) -> None:
    crops, people = reference_crops()
    faces = CropSet(crops, [str(row) for row in range(len(crops))], [f"P{person}" for person in people], [])
    assert len(np.unique(people)) < LEAST_PEOPLE
    assert photo_spread(Embedder(), faces) == {}
    monkeypatch.setattr("niteru.engine.evaluation.photo_spread.LEAST_PEOPLE", 8)
    found = photo_spread(Embedder(), faces)
    blurs, spreads = zip(*((float(blur), spread) for blur, spread in found.items()), strict=True)
    assert list(blurs) == sorted(blurs)
    assert spreads[0] < spreads[-2]


def test_differences_are_of_the_most_alike_others() -> None:
    """Two people with photos at -10° and 10°, and at 50° and 70°: the first by all is 50° from the second."""
    angles = np.deg2rad([-10, 10, 50, 70])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    found = squared_differences(vectors, vectors, np.array([0, 0, 1, 1]))
    by_one, by_all = np.cos(np.deg2rad([60, 40])), np.cos(np.deg2rad(50))
    assert found[:2, 0] == pytest.approx((by_all - by_one) ** 2 / (1 - 1 / 2), rel=1e-4)


def test_every_language_has_the_words() -> None:
    likely = Interval(1e-5, 0.02)
    for language in LANGUAGES:
        assert "50" in likely_in_words(likely, language)
        assert "100,000" in likely_in_words(likely, language)
    assert len({surely_in_words(0.001, likely, language) for language in LANGUAGES}) == len(LANGUAGES)

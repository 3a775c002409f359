"""Portraits: cut from the photos where they are as they were, and the crop where not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from niteru.engine.drawn import draw, person
from niteru.engine.faces.alignment import CROP_SIZE, MOST_AROUND, align, portrait, surroundings
from niteru.engine.photos.decode import read_picture
from niteru.indexer.ask.pairs import MOST_TIMES, most_alike
from niteru.indexer.ask.portraits import best_face, photo_size, portrait_of, whole_photo
from niteru.indexer.ask.published_people import published_people
from niteru.indexer.catalog.indexing import Indexing, forget_progress, indexing, note_progress
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from support.drawn import write_image


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("portraits")
    for number in range(6):
        for photo in range(2):
            image = cv2.resize(draw(person(number), photo).image, None, fx=2, fy=2)
            write_image(root / "faces" / person(number).name / f"{photo}.png", image)
    update(root / "gallery", root / "faces")
    return root


@pytest.fixture
def gallery(made: Path) -> Iterator[Gallery]:
    with closing(Gallery(made / "gallery")) as gallery:
        yield gallery


def some_face(gallery: Gallery):
    face = best_face(gallery, person(1).name)
    assert face is not None
    return face


def test_a_portrait_is_sharp_and_its_middle_is_the_crop(gallery: Gallery) -> None:
    face = some_face(gallery)
    made = portrait_of(gallery, face, 300)
    assert made is not None
    assert made.pixels.shape == (300, 300, 3)
    assert 0.05 < made.inset <= MOST_AROUND / (1 + 2 * MOST_AROUND)
    edge = round(300 * made.inset)
    middle = cv2.resize(
        made.pixels[edge : 300 - edge, edge : 300 - edge], (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_AREA
    )
    crop = gallery.crop(face.id)
    assert crop is not None
    assert np.median(np.abs(middle.astype(int) - crop)) <= 4


def test_a_photo_that_changed_or_is_gone_leaves_the_crop(made: Path, gallery: Gallery, tmp_path: Path) -> None:
    face = some_face(gallery)
    photo = made / "faces" / face.photo
    kept = shutil.copy2(photo, tmp_path / "kept")
    try:
        for change in (lambda: photo.write_bytes(photo.read_bytes() + b"\0"), photo.unlink):
            change()
            found = portrait_of(gallery, face, 300)
            assert found is not None and found.inset == 0
            assert found.pixels.shape == (CROP_SIZE, CROP_SIZE, 3)
            assert whole_photo(gallery, face, 300) is None
            assert photo_size(gallery, face) is None
    finally:
        shutil.copy2(kept, photo)


def test_a_whole_photo_fits_and_keeps_its_shape(gallery: Gallery) -> None:
    face = some_face(gallery)
    size = photo_size(gallery, face)
    shown = whole_photo(gallery, face, 200)
    assert size is not None and shown is not None
    assert max(shown.shape[:2]) == 200
    assert shown.shape[1] / shown.shape[0] == pytest.approx(size[0] / size[1], rel=0.02)


def test_nobody_has_no_portrait(gallery: Gallery) -> None:
    assert best_face(gallery, "Nobody") is None


@pytest.mark.parametrize("turned", [0, 25, 180])
def test_surroundings_never_reach_past_the_picture(turned: int) -> None:
    drawn = draw(person(2), 1)
    height, width = drawn.image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turned, 1)
    image = cv2.warpAffine(np.full_like(drawn.image, 255), matrix, (width, height), borderValue=(255, 255, 255))
    landmarks = (drawn.landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    around = surroundings((width, height), landmarks)
    assert 0 <= around <= MOST_AROUND
    if around:
        framed = cv2.copyMakeBorder(image, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        cut = portrait(framed, landmarks + np.float32(40), 200, around)
        assert cut[5:-5, 5:-5].min() > 200, "nothing of the frame is seen"


def test_without_surroundings_a_portrait_is_the_crop() -> None:
    drawn = draw(person(3), 0)
    assert np.array_equal(
        portrait(drawn.image, drawn.landmarks, CROP_SIZE, 0.0)[20:-20, 20:-20],
        align(drawn.image, drawn.landmarks)[20:-20, 20:-20],
    )


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_picture_is_decoded_as_small_as_is_wanted(suffix: str) -> None:
    image = draw(person(0), 0).image
    data = bytes(cv2.imencode(suffix, cv2.resize(image, (800, 1000)))[1])
    whole, small = read_picture(data), read_picture(data, 4)
    assert small.pixels.shape[:2] == (250, 200)
    assert small.size == whole.size == (800, 1000)
    shrunk = cv2.resize(whole.pixels, (200, 250), interpolation=cv2.INTER_AREA).astype(int)
    assert np.median(np.abs(shrunk - small.pixels)) <= 2


def test_pairs_are_of_different_people_and_nobody_is_in_many(gallery: Gallery) -> None:
    people = published_people(gallery)
    pairs = most_alike(gallery, people, 10)
    assert pairs
    assert [pair.rarity for pair in pairs] == sorted(pair.rarity for pair in pairs)
    names = [name for pair in pairs for name in (pair.one, pair.other)]
    assert all(pair.one != pair.other for pair in pairs)
    assert max(names.count(name) for name in names) <= MOST_TIMES
    best = max((people.first[one] @ people.second[other], one, other) for one in range(6) for other in range(one))
    assert people.nearest_pairs[0][0] == pytest.approx(best[0], abs=1e-5)


def test_a_run_that_reads_photos_can_be_followed(tmp_path: Path) -> None:
    with Gallery.writing(tmp_path / "gallery") as gallery:
        queries = gallery.catalog.queries
        assert indexing(queries) is None
        note_progress(gallery.catalog, 3, 8)
        run = indexing(queries)
        assert isinstance(run, Indexing) and (run.done, run.total) == (3, 8)
        forget_progress(gallery.catalog)
        assert indexing(queries) is None

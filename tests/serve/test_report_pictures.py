"""Pictures of a report: from the photos, as large as they are shown, and not from more photos than that."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from niteru.engine.drawn import draw, person
from niteru.engine.faces.alignment import CROP_SIZE
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.serve.report import pictures
from niteru.serve.report.pictures import LARGE, SMALL, save_faces
from support.drawn import write_image


@pytest.fixture(scope="module")
def photographed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of a gallery of three people with one photo each: a large one, a usual one, and one that is gone."""
    root = tmp_path_factory.mktemp("photographed")
    for number, scale in ((0, 4.0), (1, 1.0), (2, 4.0)):
        image = draw(person(number), 0).image
        write_image(root / "faces" / person(number).name / "1.png", cv2.resize(image, None, fx=scale, fy=scale))
    update(root / "gallery", root / "faces")
    (root / "faces" / person(2).name / "1.png").unlink()
    return root


def faces_of(gallery: Gallery) -> list[int]:
    return [gallery.queries.faces_of_person(person(number).name)[0].id for number in range(3)]


def sides(folder: Path) -> dict[str, tuple[int, int]]:
    return {file.name: cv2.imread(str(file)).shape[:2] for file in folder.iterdir()}


def test_they_are_as_large_as_the_photo_allows_and_the_page_needs(photographed: Path, tmp_path: Path) -> None:
    with closing(Gallery(photographed / "gallery")) as gallery:
        large, usual, gone = faces_of(gallery)
        saved = save_faces(gallery, [large, usual, gone], {large, gone}, tmp_path / "faces")
        crop = gallery.crop(gone)
    found = sides(tmp_path / "faces")
    assert found[f"{large}-large.jpg"] == (LARGE, LARGE)
    assert found[f"{large}.jpg"] == (SMALL, SMALL)
    assert CROP_SIZE < found[f"{usual}.jpg"][0] <= SMALL
    assert found[f"{gone}.jpg"] == (CROP_SIZE, CROP_SIZE), "the crop is all there is"
    assert len(found) == 4
    assert saved.large == {large}
    assert 0 < saved.insets[large] <= 0.23
    assert saved.insets[gone] == 0
    shown = cv2.cvtColor(cv2.imread(str(tmp_path / "faces" / f"{gone}.jpg")), cv2.COLOR_BGR2RGB)
    assert np.abs(shown.astype(int) - crop).mean() < 6


def test_of_many_faces_only_the_first_are_cut_from_their_photos(
    photographed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_CUT", 1)
    with closing(Gallery(photographed / "gallery")) as gallery:
        large, usual, gone = faces_of(gallery)
        saved = save_faces(gallery, [large, usual, gone], set(), tmp_path / "faces")
        assert (tmp_path / "faces" / f"{usual}.jpg").read_bytes() == gallery.crops.data(usual)
    assert sides(tmp_path / "faces")[f"{large}.jpg"] == (SMALL, SMALL)
    assert saved.insets.keys() == {large}

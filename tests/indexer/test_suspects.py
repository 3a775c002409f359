"""Mistakes in labels, planted among made-up people and among drawn ones, are found, and correct labels are not."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from niteru.indexer.ask.catalogued import Catalogued
from niteru.indexer.ask.neighbours import neighbours
from niteru.indexer.ask.persons import everybody
from niteru.indexer.ask.resemblance import scale
from niteru.indexer.ask.same_person_band import SamePersonBand
from niteru.indexer.ask.suspects import Suspect, kinds, suspects
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from support.drawn import DrawnFolder, write_image
from support.people import PHOTOS, crowd, gallery_of


def suspects_of(gallery: Gallery, work: Path) -> dict[str, list[Suspect]]:
    persons = everybody(gallery)
    band = SamePersonBand(persons, gallery.generation.calibration)
    known = Catalogued(gallery, persons)
    return kinds(suspects(gallery, persons, known, neighbours(persons, 5, work), scale(persons), band))


def test_correct_labels_are_not_suspect(tmp_path: Path) -> None:
    gallery = gallery_of(tmp_path / "gallery", crowd())
    assert suspects_of(gallery, tmp_path / "work") == {}
    gallery.close()


def test_planted_mistakes_are_found_with_their_people(tmp_path: Path) -> None:
    labelled = crowd()
    name, photo, vector = labelled[3 * PHOTOS]
    labelled[3 * PHOTOS] = ("P07", f"strayed-{photo}", vector)
    for row in range(12 * PHOTOS, 12 * PHOTOS + PHOTOS // 2):
        labelled[row] = ("P12 again", *labelled[row][1:])
    for row in range(20 * PHOTOS, 21 * PHOTOS):
        labelled[row] = ("P21", f"of-20-{labelled[row][1]}", labelled[row][2])
    gallery = gallery_of(tmp_path / "gallery", labelled, ("blurred", "too_dark"))
    found = suspects_of(gallery, tmp_path / "work")
    gallery.close()
    assert [(one.person, one.photo, one.other_person) for one in found["moved"]] == [
        ("P07", f"P07/strayed-{photo}", name)
    ]
    assert [{one.person, one.other_person} for one in found["split"]] == [{"P12", "P12 again"}]
    assert [one.person for one in found["mixed"]] == ["P21"]
    assert {one.startswith("P21/of-20-") for one in (found["mixed"][0].photo, found["mixed"][0].other_photo)} == {
        True,
        False,
    }
    assert [(one.person, one.other_photo) for one in found["poor"]] == [("P00", "blurred too_dark")]
    assert "duplicate" not in found


@pytest.mark.parametrize("at_once", [1_024, 2])
@pytest.mark.parametrize("copy_goes_to", ["itself", "another"])
def test_a_copy_is_found_by_its_pixels(
    tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch, copy_goes_to: str, at_once: int
) -> None:
    monkeypatch.setattr("niteru.indexer.ask.duplicates._AT_ONCE", at_once)
    original = faces.folder / faces.ref(0)
    crop = cv2.imread(str(original))[..., ::-1]
    smaller = cv2.resize(cv2.resize(crop, (80, 80), interpolation=cv2.INTER_AREA), (112, 112))
    to = faces.names[0 if copy_goes_to == "itself" else 1]
    write_image(faces.folder / to / "again.png", smaller)
    update(tmp_path / "gallery", faces.folder, crops=True)
    gallery = Gallery(tmp_path / "gallery")
    found = suspects_of(gallery, tmp_path / "work")["duplicate"]
    gallery.close()
    assert [{one.photo, one.other_photo} for one in found] == [{faces.ref(0), f"{to}/again.png"}]


def test_nobody_has_no_suspects_and_no_neighbours(tmp_path: Path) -> None:
    gallery = gallery_of(tmp_path / "gallery", crowd())
    nobody = everybody(gallery).only(set())
    assert len(nobody) == 0
    found = neighbours(nobody, 5, tmp_path / "work")
    assert found.rows.shape == (0, 0)
    band = SamePersonBand(nobody, gallery.generation.calibration)
    assert suspects(gallery, nobody, Catalogued(gallery, nobody), found, scale(nobody), band) == []
    one = everybody(gallery).only({"P03"})
    assert neighbours(one, 5, tmp_path / "work").rows.shape == (1, 0)
    gallery.close()


def test_with_few_photos_the_calibration_of_faces_finds_split_people(tmp_path: Path) -> None:
    labelled = [one for one in crowd() if one[1] in ("0.jpg", "1.jpg")]
    labelled[2 * 5 + 1] = ("P05 again", *labelled[2 * 5 + 1][1:])
    gallery = gallery_of(tmp_path / "gallery", labelled)
    persons = everybody(gallery)
    assert SamePersonBand(persons, gallery.generation.calibration).level is None
    assert [{one.person, one.other_person} for one in suspects_of(gallery, tmp_path / "w")["split"]] == [
        {"P05", "P05 again"}
    ]
    gallery.close()


def test_of_very_many_split_people_the_most_alike_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = crowd()
    for person in (4, 9):
        for row in range(person * PHOTOS, person * PHOTOS + PHOTOS // 2):
            labelled[row] = (f"P{person:02d} again", *labelled[row][1:])
    gallery = gallery_of(tmp_path / "gallery", labelled)
    both = suspects_of(gallery, tmp_path / "work")
    monkeypatch.setattr("niteru.indexer.ask.suspects.MOST_SPLIT", 1)
    assert suspects_of(gallery, tmp_path / "work") == {**both, "split": both["split"][:1]}
    assert len(both["split"]) == 2
    gallery.close()


def test_somebody_a_little_like_everybody_is_a_hub(tmp_path: Path) -> None:
    labelled = crowd()
    middle = np.sum([vector for _, _, vector in labelled], axis=0)
    dice = np.random.default_rng(3)
    for photo in range(PHOTOS):
        vector = middle / np.linalg.norm(middle) + dice.normal(scale=0.02, size=middle.shape)
        labelled.append(("Everyman", f"{photo}.jpg", (vector / np.linalg.norm(vector)).astype(np.float32)))
    gallery = gallery_of(tmp_path / "gallery", labelled)
    (hub,) = suspects_of(gallery, tmp_path / "work")["hub"]
    gallery.close()
    assert hub.person == "Everyman"
    assert hub.similarity > 0.1, "so much nearer than usual"
    assert hub.score > 20, "among the five nearest of most of the thirty"


def test_thousands_of_photos_of_one_person_hold_nothing_up(tmp_path: Path) -> None:
    dice = np.random.default_rng(4)
    middle = dice.normal(size=len(crowd(people=1)[0][2]))
    many = middle + dice.normal(scale=0.55, size=(3_000, len(middle)))
    many /= np.linalg.norm(many, axis=1, keepdims=True)
    labelled = crowd() + [("Star", f"{number}.jpg", one.astype(np.float32)) for number, one in enumerate(many)]
    gallery = gallery_of(tmp_path / "gallery", labelled)
    assert suspects_of(gallery, tmp_path / "work") == {}
    gallery.close()

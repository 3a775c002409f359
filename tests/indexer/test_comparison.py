"""Two beside one another: people as the report has them, faces as an answer has them, and a picture of both."""

import json
from pathlib import Path

import pytest
from PIL import Image

from niteru.indexer.gallery import Gallery
from niteru.serve.report.report import write_report
from support.command import niteru
from support.drawn import DrawnFolder


def compared(gallery: Gallery, one: object, other: object, *more: object) -> dict:
    done = niteru("compare", one, other, "--gallery", gallery.folder, "--json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_people_are_as_alike_as_the_report_says(gallery: Gallery, faces: DrawnFolder, tmp_path: Path) -> None:
    report = write_report(gallery, tmp_path / "report").with_name("report.json")
    row = next(row for row in json.loads(report.read_text())["people"] if row["person"] == faces.names[0])
    told = row["nearest"][0]
    said = compared(gallery, faces.names[0], told["other_person"])
    assert said["similarity"] == pytest.approx(told["similarity"], abs=1e-4)
    assert said["rarity"] == pytest.approx(told["rarity"], rel=0.01)
    assert said["same_person"] == told["same_person"]
    assert said["one"] == {"name": faces.names[0], "faces": 3}
    assert sum(said["why"].values()) == pytest.approx(1, abs=0.01)


def test_a_file_and_its_photo_in_the_gallery_are_one(gallery: Gallery, faces: DrawnFolder, tmp_path: Path) -> None:
    file = faces.folder / faces.ref(2)
    said = compared(gallery, file, faces.ref(2), "--out", tmp_path / "both.png")
    assert said["similarity"] > 0.98
    assert said["same_person"] is True
    assert said["other"] == {"name": faces.names[2], "faces": 1}
    with Image.open(said["picture"]) as picture:
        assert (picture.format, picture.width) == ("PNG", 1080)
        assert picture.height > 700


def test_somebody_and_a_photo_are_as_alike_as_their_nearest_faces(gallery: Gallery, faces: DrawnFolder) -> None:
    said = compared(gallery, faces.names[0], faces.ref(1, 2))
    (probe,) = [
        face.id for face in gallery.catalog.queries.faces_of_person(faces.names[1]) if face.photo == faces.ref(1, 2)
    ]
    own = [gallery.vector(face.id) for face in gallery.catalog.queries.faces_of_person(faces.names[0])]
    assert said["similarity"] == pytest.approx(max(float(one @ gallery.vector(probe)) for one in own), abs=1e-4)
    assert said["rarity"] == pytest.approx(gallery.generation.calibration.rarity(said["similarity"]), rel=0.01)


def test_who_is_nobody_is_told(gallery: Gallery, faces: DrawnFolder) -> None:
    done = niteru("compare", faces.names[0], "Nemo", "--gallery", gallery.folder)
    assert done.returncode == 1
    assert "Nemo is no file, and in" in done.stderr

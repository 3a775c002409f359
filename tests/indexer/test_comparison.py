"""Comparison of two people as in the report, of two faces as in an answer, and the picture of both."""

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
    nearest = row["nearest"][0]
    answer = compared(gallery, faces.names[0], nearest["other_person"])
    assert answer["similarity"] == pytest.approx(nearest["similarity"], abs=1e-4)
    assert answer["rarity"] == pytest.approx(nearest["rarity"], rel=0.01)
    assert answer["same_person"] == nearest["same_person"]
    assert answer["one"] == {"name": faces.names[0], "faces": 3}
    assert sum(answer["why"].values()) == pytest.approx(1, abs=0.01)


def test_a_file_and_its_photo_in_the_gallery_are_the_same_person(
    gallery: Gallery, faces: DrawnFolder, tmp_path: Path
) -> None:
    file = faces.folder / faces.ref(2)
    answer = compared(gallery, file, faces.ref(2), "--out", tmp_path / "both.png")
    assert answer["similarity"] > 0.98
    assert answer["same_person"] is True
    assert answer["other"] == {"name": faces.names[2], "faces": 1}
    with Image.open(answer["picture"]) as picture:
        assert (picture.format, picture.width) == ("PNG", 1080)
        assert picture.height > 700


def test_a_person_and_a_photo_are_compared_by_their_nearest_faces(gallery: Gallery, faces: DrawnFolder) -> None:
    answer = compared(gallery, faces.names[0], faces.ref(1, 2))
    (probe,) = [
        face.id for face in gallery.catalog.queries.faces_of_person(faces.names[1]) if face.photo == faces.ref(1, 2)
    ]
    own = [gallery.vector(face.id) for face in gallery.catalog.queries.faces_of_person(faces.names[0])]
    assert answer["similarity"] == pytest.approx(max(float(one @ gallery.vector(probe)) for one in own), abs=1e-4)
    assert answer["rarity"] == pytest.approx(gallery.generation.calibration.rarity(answer["similarity"]), rel=0.01)


def test_an_unknown_name_is_refused(gallery: Gallery, faces: DrawnFolder) -> None:
    done = niteru("compare", faces.names[0], "Nemo", "--gallery", gallery.folder)
    assert done.returncode == 1
    assert "there is no file Nemo, and in" in done.stderr


def test_what_is_a_file_is_one_even_where_somebody_is_called_so(
    gallery: Gallery, faces: DrawnFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(faces.names[0]).write_bytes((faces.folder / faces.ref(2)).read_bytes())
    done = niteru("similar", faces.names[0], "--gallery", gallery.folder.resolve(), "--json")
    assert json.loads(done.stdout)["results"][0]["person"] == faces.names[2]

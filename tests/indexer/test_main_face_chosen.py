"""Which face of a photo of several is asked about, and which has the label where no other photo decides."""

import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import niteru
from niteru.engine.drawn import person
from niteru.engine.faces.face import Box
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.adding import add
from niteru.indexer.update.enrol import update
from niteru.serve.http.app import create_app
from support.command import niteru as command
from support.drawings import drawn
from support.drawn import write_image
from support.group_photo import group_photo, is_around

SPEAKER, BYSTANDER = 2, 11
PICTURE, (CUT, WHOLE) = group_photo((640, 480), (BYSTANDER, 1.6, -280, 20), (SPEAKER, 0.9, 210, 130))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """People of whom one has a single photo, which shows a larger bystander."""
    for number in (5, 7):
        write_image(tmp_path / "faces" / person(number).name / "0.png", drawn(number).image)
    write_image(tmp_path / "faces" / "Ann" / "stage.png", PICTURE)
    return tmp_path / "faces"


def labels(gallery: Path, ref: str = "Ann/stage.png") -> list[tuple[Box, str | None, int]]:
    """Box, person and id of a photo's faces, the labelled one first."""
    with closing(Gallery(gallery)) as opened:
        return [(row.box, row.person, row.id) for row in opened.catalog.queries.faces_of_photo(ref)]


def test_the_main_face_of_a_single_photo_has_the_label(folder: Path, tmp_path: Path) -> None:
    update(tmp_path / "gallery", folder)
    labelled, other = labels(tmp_path / "gallery")
    assert (labelled[1], other[1]) == ("Ann", "unnamed 1")
    assert is_around(labelled[0], WHOLE)
    assert is_around(other[0], CUT)


def test_other_photos_of_the_person_decide_before_the_main_face_does(folder: Path, tmp_path: Path) -> None:
    for number in range(1, 4):
        write_image(folder / "Ann" / f"{number}.png", drawn(BYSTANDER, number).image)
    update(tmp_path / "gallery", folder)
    assert is_around(labels(tmp_path / "gallery")[0][0], CUT)


@pytest.fixture
def older(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Gallery of a version that gave the label to the largest face and knew no main one."""
    with monkeypatch.context() as before:
        before.setattr("niteru.engine.faces.extraction.main_face", lambda faces, size: 0)
        update(tmp_path / "gallery", folder)
    with Gallery.writing(tmp_path / "gallery") as gallery, gallery.catalog.transaction():
        gallery.catalog.drop_setting("main_face")
    assert is_around(labels(tmp_path / "gallery")[0][0], CUT)
    return tmp_path / "gallery"


def test_an_older_gallery_chooses_anew_once_and_reads_no_other_photo(older: Path, folder: Path) -> None:
    alone = f"{person(5).name}/0.png"
    before = labels(older, alone)
    first, again = update(older, folder), update(older, folder)
    assert (first.changed, first.unchanged) == (["Ann/stage.png"], 2)
    assert (again.changed, again.unchanged, again.generation) == ([], 3, first.generation)
    assert is_around(labels(older)[0][0], WHOLE)
    assert labels(older, alone) == before


def test_a_first_run_that_was_cut_off_has_nothing_to_choose_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("niteru.indexer.update.enrolment.Enrolment._take_up_columns", cut_off)
        with pytest.raises(KeyboardInterrupt):
            update(tmp_path / "gallery", folder)
    again = update(tmp_path / "gallery", folder)
    assert (again.changed, again.unchanged) == ([], 3)


def test_adding_a_photo_does_not_pass_for_reading_all(older: Path, folder: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "more.png", drawn(9).image)
    add(older, "Zoe", [tmp_path / "more.png"])
    assert is_around(labels(older)[0][0], CUT)
    assert update(older, folder).changed == ["Ann/stage.png"]
    assert is_around(labels(older)[0][0], WHOLE)


def test_every_way_of_asking_takes_the_main_face_unless_told(folder: Path, tmp_path: Path) -> None:
    update(tmp_path / "gallery", folder)
    photo = folder / "Ann" / "stage.png"
    client = create_app({"GALLERY": str(tmp_path / "gallery")}).test_client()

    def asked(query: str) -> Box:
        form = {"image": (io.BytesIO(photo.read_bytes()), "a.png")}
        answer = client.post(f"/similar{query}", data=form).get_json()
        areas = [width * height for _, _, width, height in answer["query"]["boxes"]]
        assert areas == sorted(areas, reverse=True)
        return answer["query"]["face"]["box"]

    assert is_around(asked(""), WHOLE)
    assert asked("") == asked("?face=main") == asked("?face=center") == asked("?face=1")
    assert asked("?face=largest") == asked("?face=0") != asked("")

    told = [
        command("similar", photo, "--gallery", tmp_path / "gallery", "--json", *more)
        for more in ([], ["--face", "largest"])
    ]
    boxes = [json.loads(one.stdout)["query"]["face"]["box"] for one in told]
    assert boxes == [asked(""), asked("?face=largest")]

    detected = json.loads(command("detect", photo, "--json").stdout)
    assert detected["main"] == 1
    assert command("detect", photo).stdout.splitlines()[1].endswith(", the main one")

    with niteru.Gallery(tmp_path / "gallery") as gallery:
        best = gallery.similar(photo.read_bytes(), k=1, mode="all")[0]
        assert best.person == "Ann"
        assert best.similarity > 0.99
        assert gallery.similar(photo.read_bytes(), k=1, mode="all", face="largest")[0].person == "unnamed 1"


def test_the_command_says_which_of_several_faces_it_answers_for(folder: Path, tmp_path: Path) -> None:
    update(tmp_path / "gallery", folder)
    write_image(tmp_path / "stage.png", PICTURE)
    write_image(tmp_path / "alone.png", drawn(5).image)
    for words, told in (((), "2 faces, of which this is about number 1"), (("--face", "0"), "about number 0")):
        done = command("similar", tmp_path / "stage.png", *words, "--gallery", tmp_path / "gallery")
        assert told in done.stdout, done.stdout + done.stderr
    assert "faces" not in command("similar", tmp_path / "alone.png", "--gallery", tmp_path / "gallery").stdout

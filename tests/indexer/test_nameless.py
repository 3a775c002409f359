"""Faces that nobody has named: in folders without people, in albums, and beside somebody in a photo."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from niteru.engine import Pixels
from niteru.engine.faces.alignment import align
from niteru.engine.photos.person_name import BadName, group_number
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.ask.not_found import FaceNotFound, PersonNotFound
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.albums import is_album
from niteru.indexer.naming.likeness_of_strangers import LikenessOfStrangers
from niteru.indexer.naming.piles import Piles
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.naming import name, say, set_aside, split
from niteru.indexer.update.verifying import verify
from support.command import niteru
from support.drawings import drawn
from support.drawn import DrawnFolder, write_image


def crop(who: int, photo: int) -> Pixels:
    drawing = drawn(who, photo)
    return align(drawing.image, drawing.landmarks)


def beside(*pictures: Pixels) -> Pixels:
    """One picture of several, on a grey ground."""
    height = max(picture.shape[0] for picture in pictures)
    columns = []
    for picture in pictures:
        column = np.full((height, picture.shape[1], 3), 128, np.uint8)
        column[: picture.shape[0]] = picture
        columns.append(column)
    return np.hstack(columns)


def labels(folder: Path) -> dict[str, list[str | None]]:
    with closing(Gallery(folder)) as gallery:
        queries = gallery.catalog.queries
        return {ref: [face.person for face in queries.faces_of_photo(ref)] for ref in queries.photos()}


def draw_twice(folder: Path, people: int = 12) -> None:
    """Two files a person: the drawn are so alike that only among a dozen can be told who is not whom."""
    for who in range(people):
        for copy in (0, 1):
            write_copy(folder / f"{who}-{copy}.png", who, copy)


def write_copy(file: Path, who: int, copy: int, photo: int = 0) -> None:
    """A picture of somebody with other bytes than its copies."""
    picture = crop(who, photo)
    picture[:2] = copy
    write_image(file, picture)


def test_photos_of_no_folder_fall_into_groups_and_are_answered(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    draw_twice(faces)
    summary = update(folder, faces, crops=True)
    assert (summary.people, summary.groups, summary.faces) == (0, 12, 24)
    found = labels(folder)
    assert all(found[f"{who}-0.png"] == found[f"{who}-1.png"] for who in range(12))
    with closing(Gallery(folder)) as gallery:
        assert [(pile.name, len(pile.faces), pile.photos) for pile in Piles(gallery)[:]] == [
            (f"unnamed {number}", 2, 2) for number in range(1, 13)
        ]
        vector = gallery.vector(gallery.resolve("3-0.png").id)
        answer = ask(gallery, Question(vector, mode="all"))
        assert [answer.results[0].person] == found["3-1.png"]
        assert len(answer.results) == 10


def test_how_alike_strangers_are_is_measured_once_for_the_same_faces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_twice(tmp_path / "photos")
    update(tmp_path / "gallery", tmp_path / "photos", crops=True)
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        before = Piles(gallery)
        assert before[:]
    say(tmp_path / "gallery", name(["1"], "Ada"))
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        measured_anew = Piles(gallery)[:]
        assert len(measured_anew) == len(before) - 1
        monkeypatch.setattr(LikenessOfStrangers, "among", None)
        assert Piles(gallery, before)[:] == measured_anew


def test_new_photos_join_groups_that_keep_their_numbers(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    draw_twice(faces)
    update(folder, faces, crops=True)
    before = labels(folder)
    write_copy(faces / "again.png", 3, 7)
    write_copy(faces / "another.png", 15, 0)
    update(folder, faces, crops=True)
    after = labels(folder)
    assert {ref: after[ref] for ref in before} == before
    assert after["again.png"] == before["3-0.png"]
    assert after["another.png"] == ["unnamed 13"]
    (faces / "another.png").unlink()
    write_copy(faces / "later.png", 17, 0)
    update(folder, faces, crops=True)
    assert labels(folder)["later.png"] == ["unnamed 14"], "no number is used twice"


def test_groups_are_made_anew_when_many_more_faces_have_come(tmp_path: Path) -> None:
    """An early wrong join does not stay for good, and the others keep their numbers."""
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    draw_twice(faces)
    update(folder, faces, crops=True)
    first = labels(folder)
    with Gallery.writing(folder) as gallery, gallery.catalog.transaction():  # as if two had been joined wrongly
        one = gallery.queries.faces_of_photo("0-0.png")[0].person_id
        theirs = [gallery.queries.faces_of_photo(f"1-{copy}.png")[0].id for copy in (0, 1)]
        gallery.catalog.labels.put(dict.fromkeys(theirs, one))
    for who in range(12):
        write_copy(faces / f"{who}-2.png", who, 2)
    update(folder, faces, crops=True)
    after = labels(folder)
    assert after["0-0.png"] == after["0-2.png"] != after["1-0.png"] == after["1-1.png"] == after["1-2.png"]
    others = [ref for ref in first if not ref.startswith(("0-", "1-", "8-", "9-"))]  # 8 and 9 are siblings
    assert {ref: after[ref] for ref in others} == {ref: first[ref] for ref in others}


def test_two_faces_of_one_photo_are_two_people(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    write_image(faces / "mirror.png", beside(drawn(0).image, drawn(0).image))
    update(folder, faces)
    (shown,) = labels(folder).values()
    assert sorted(shown) == ["unnamed 1", "unnamed 2"]


def test_folders_called_unknown_name_nobody(tmp_path: Path, drawn_crops: dict[str, list[Pixels]]) -> None:
    faces = tmp_path / "photos"
    for where in ("unknown", "unnamed 12", "Ada"):
        write_image(faces / where / "1.png", drawn_crops[next(iter(drawn_crops))][0])
    update(tmp_path / "gallery", faces, crops=True)
    found = labels(tmp_path / "gallery")
    assert found["Ada/1.png"] == ["Ada"]
    assert group_number(found["unknown/1.png"][0] or "")
    assert group_number(found["unnamed 12/1.png"][0] or "")


def test_a_table_may_leave_people_out(tmp_path: Path) -> None:
    for who in (0, 3):
        write_image(tmp_path / f"{who}.png", crop(who, 0))
    (tmp_path / "table.csv").write_text("path,person,year\n0.png,Ada,1999\n3.png,,2001\n")
    update(tmp_path / "gallery", tmp_path / "table.csv", crops=True)
    assert labels(tmp_path / "gallery") == {"0.png": ["Ada"], "3.png": ["unnamed 1"]}
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        found = ask(gallery, Question(gallery.vector(gallery.resolve("0.png").id), where=("year:2001",)))
        assert [row.person for row in found.results] == ["unnamed 1"]


def test_what_a_table_says_of_a_photo_is_not_said_of_others_in_it(tmp_path: Path) -> None:
    write_image(tmp_path / "party.png", beside(drawn(0).image, drawn(3).image))
    (tmp_path / "table.csv").write_text("path,person,agency\nparty.png,Ada,Elite\n")
    update(tmp_path / "gallery", tmp_path / "table.csv")
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        ada, other = gallery.catalog.queries.faces_of_photo("party.png")
        assert (ada.person, other.person) == ("Ada", "unnamed 1")
        assert gallery.generation.columns.of(ada.person_id) == {"agency": ["Elite"]}
        assert gallery.generation.columns.of(other.person_id) == {}


def test_an_album_names_nobody_and_a_person_stays_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niteru.indexer.naming.labels.agreeing", lambda model: 0.85)  # the drawn are as alike as few
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    for number in range(12):
        write_copy(faces / "Rome 2019" / f"{number}.png", number, 0)
        write_copy(faces / "Ada" / f"{number}.png", 0, number)
    summary = update(folder, faces, crops=True)
    assert summary.albums == ["Rome 2019"]
    assert summary.people == 1
    found = labels(folder)
    assert {found[f"Ada/{number}.png"][0] for number in range(12)} == {"Ada"}
    assert all(group_number(found[f"Rome 2019/{number}.png"][0] or "") for number in range(12))
    # Somebody who was a person before stays one, whatever comes into the folder.
    for number in range(12, 60):
        write_copy(faces / "Ada" / f"{number}.png", number % 12, number)
    assert update(folder, faces, crops=True).albums == ["Rome 2019"]
    assert labels(folder)["Ada/59.png"] == ["Ada"]


def test_few_photos_are_no_album() -> None:
    from niteru.indexer.catalog.rows import PhotoFaces

    strangers = [PhotoFaces(np.array([n]), np.eye(20, dtype=np.float32)[n : n + 1]) for n in range(20)]
    assert is_album(strangers, 0.5)
    assert not is_album(strangers[:11], 0.5)


def test_a_group_can_be_forgotten_and_photos_of_others_stay(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    write_image(faces / "Ada" / "1.png", drawn(0).image)
    write_image(faces / "Ada" / "party.png", beside(drawn(0, 1).image, drawn(3).image))
    update(folder, faces)
    assert sorted(map(str, labels(folder)["Ada/party.png"])) == ["Ada", "unnamed 1"]
    receipt = forget(folder, "unnamed 1")
    assert receipt.clean
    assert (receipt.photos, receipt.elsewhere) == ([], 1)
    assert labels(folder)["Ada/party.png"] == ["Ada"]
    # Read again from the start, the face does not come back.
    with closing(Gallery(folder, readonly=False)) as gallery, gallery.catalog.transaction():
        gallery.catalog.touch_photo("Ada/party.png", replace_stamp())
    with closing(Gallery(folder, readonly=False)) as gallery, gallery.catalog.transaction():
        gallery.catalog._db.execute("UPDATE photos SET finder = 'another'")
    update(folder, faces)
    assert labels(folder)["Ada/party.png"] == ["Ada"]
    assert verify(folder).problems == []


def test_one_face_can_be_forgotten_and_those_like_it_stay(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    for number in (0, 1):
        write_image(faces / "Ada" / f"{number}.png", beside(drawn(0, number).image, drawn(3, number).image))
    write_image(faces / "Ada" / "alone.png", drawn(0, 2).image)
    update(folder, faces)
    with closing(Gallery(folder)) as gallery:
        _, other = gallery.catalog.queries.faces_of_photo("Ada/1.png")
    receipt = forget(folder, f"face:{other.id}")
    assert receipt.clean
    assert (receipt.person, receipt.photos, receipt.elsewhere) == (f"face:{other.id}", [], 1)
    assert [len(shown) for _, shown in sorted(labels(folder).items())] == [2, 1, 1]
    with pytest.raises(FaceNotFound):
        forget(folder, f"face:{other.id}")
    number = group_number(labels(folder)["Ada/0.png"][1] or "")
    assert forget(folder, str(number)).elsewhere == 1
    assert labels(folder) == {f"Ada/{one}.png": ["Ada"] for one in ("0", "1", "alone")}


def replace_stamp():
    from niteru.engine.photos.photo_stamp import PhotoStamp

    return PhotoStamp(1, 1)


def test_forgetting_somebody_named_by_hand_leaves_no_name_and_no_face(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    write_image(faces / "alone.png", drawn(3).image)
    write_image(faces / "Ada" / "party.png", beside(drawn(0, 1).image, drawn(3, 1).image))
    update(folder, faces)
    with closing(Gallery(folder)) as gallery:
        faces_of_three = [f"face:{gallery.catalog.queries.faces_of_photo('alone.png')[0].id}"]
        party = gallery.catalog.queries.faces_of_photo("Ada/party.png")
        faces_of_three += [f"face:{face.id}" for face in party if face.person != "Ada"]
    say(folder, name(faces_of_three, "Perpetua Quill"))
    say(folder, name(["Perpetua Quill"], "Auntie Perpetua"))
    assert forget(folder, "auntie perpetua").clean
    assert labels(folder) == {"Ada/party.png": ["Ada"]}
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert [file.name for file in files if b"Perpetua" in file.read_bytes()] == []
    assert update(folder, faces).to_dict()["skipped"] == [{"photo": "alone.png", "reason": "forgotten"}]
    assert labels(folder) == {"Ada/party.png": ["Ada"]}


def test_names_stay_when_a_program_writes_into_the_file_and_not_when_the_picture_is_another(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    write_image(faces / "1.png", crop(0, 0))
    update(folder, faces, crops=True)
    say(folder, name(["1"], "Aunt Mary"))
    rated = PngImagePlugin.PngInfo()
    rated.add_text("Rating", "5")
    with Image.open(faces / "1.png") as picture:
        picture.load()
        picture.save(faces / "1.png", pnginfo=rated)
    assert update(folder, faces, crops=True).changed == ["1.png"]
    assert labels(folder) == {"1.png": ["Aunt Mary"]}
    write_image(faces / "1.png", crop(5, 0))
    update(folder, faces, crops=True)
    assert labels(folder) == {"1.png": ["unnamed 2"]}


def test_a_word_by_hand_counts_more_than_the_folder(gallery: Gallery, faces: DrawnFolder, tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    ada, bo, *_ = faces.names
    wrong = gallery.resolve(faces.ref(0))
    say(folder, name([f"face:{wrong.id}"], bo))
    say(folder, name([ada], "Countess of Lovelace"))
    update(folder, faces.folder, crops=True)
    found = labels(folder)
    assert found[faces.ref(0, 1)] == [bo]
    assert found[faces.ref(0, 2)] == ["Countess of Lovelace"]
    write_image(faces.folder / ada / "new.png", crop(0, 2))
    update(folder, faces.folder, crops=True)
    assert labels(folder)[f"{ada}/new.png"] == ["Countess of Lovelace"], "the folder's photos go on as theirs"


def test_what_is_set_aside_is_in_no_answer(gallery: Gallery, faces: DrawnFolder, tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    vector = gallery.vector(gallery.resolve(faces.ref(0)).id)
    before = {row.person for row in ask(gallery, Question(vector, k=20, mode="all")).results}
    assert faces.names[1] in before
    say(folder, set_aside([faces.names[1]], VerdictKind.NOBODY), publish=False)
    with closing(Gallery(folder)) as now:
        assert {row.person for row in ask(now, Question(vector, k=20, mode="all")).results} == before - {faces.names[1]}


def test_what_was_split_stays_apart(tmp_path: Path) -> None:
    faces, folder = tmp_path / "photos", tmp_path / "gallery"
    for number in range(4):
        picture = crop(0, 0)
        picture[:2] = number
        write_image(faces / f"{number}.png", picture)
    update(folder, faces, crops=True)
    with closing(Gallery(folder)) as gallery:
        (pile,) = Piles(gallery)[:]
    say(folder, split([f"face:{face}" for face in pile.faces[:2]]))
    write_image(faces / "5.png", crop(0, 1))
    update(folder, faces, crops=True)
    assert len({shown[0] for ref, shown in labels(folder).items() if ref != "5.png"}) == 2


def test_words_that_mean_nobody_are_refused(gallery: Gallery, faces: DrawnFolder, tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    for called in ("unknown", "unnamed 99", "", "a/b", "\0", "x" * 10_000):
        with pytest.raises(BadName):
            say(folder, name([faces.names[0]], called))
    with pytest.raises(PersonNotFound, match="did you mean"):
        say(folder, name([faces.names[0][:-1] + "x"], "Ada"))
    for nobody in ("face:999999", "face:x", "face:-1", f"face:{10**30}"):
        with pytest.raises(FaceNotFound):
            say(folder, name([nobody], "Ada"))
    with pytest.raises(PersonNotFound):
        say(folder, name(["12"], "Ada"))


def test_the_command_line_lists_names_and_takes_back(tmp_path: Path) -> None:
    draw_twice(tmp_path / "photos")
    place = ("--gallery", tmp_path / "gallery")
    said = niteru("index", tmp_path / "photos", "--crops", *place).stdout
    assert "12 groups of faces have no name yet" in said
    listed = json.loads(niteru("groups", "--json", *place).stdout)["groups"]
    assert [(pile["number"], len(pile["faces"])) for pile in listed] == [(number, 2) for number in range(1, 13)]
    assert "2 faces are Aunt Mary" in niteru("name", "1", "Aunt Mary", *place).stdout
    assert "Aunt Mary" in niteru("people", *place).stdout
    assert "unnamed" not in niteru("people", *place).stdout
    assert "unnamed 2" in niteru("groups", *place).stdout
    assert "taken back for 2 faces" in niteru("name", "--undo", *place).stdout
    assert "unnamed 1" in niteru("groups", *place).stdout
    assert niteru("name", "--undo", *place).returncode == 1
    assert "NAME" in niteru("name", "1", *place).stderr

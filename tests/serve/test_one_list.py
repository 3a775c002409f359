"""A person has one list of look-alikes, whoever asks for it: page, HTTP, card, command line, Python and report."""

import io
import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from PIL import Image, ImageChops

import niteru
from niteru.indexer.ask.asking import UnclearQuestion
from niteru.indexer.ask.not_found import PersonNotFound, PersonWithoutFace
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery
from niteru.scripts.similar import command
from niteru.serve.http.app import create_app
from niteru.serve.report.report import Wanted, write_report
from support.people import crowd, gallery_of

PEOPLE, K = 24, 5
Row = tuple[str, float, float, float, float, str, bool]
"""Name, similarity, rarity, the ends of its interval, how sure that is, and whether it may be the same person."""
SAID = ("similarity", "rarity", "rarity_from", "rarity_to", "how_sure", "same_person")


def uneven(seed: int) -> list[tuple[str, str, np.ndarray]]:
    """People with one to eight photos each; one is a little like everybody, and one is there twice."""
    rng = np.random.default_rng(seed)
    rows = crowd(seed, PEOPLE)
    common = np.mean([vector for _, _, vector in rows], axis=0)
    kept = []
    for number, (name, photo, vector) in enumerate(rows):
        person, place = divmod(number, 8)
        if place <= rng.integers(0, 8):
            moved = vector + (8 * common if person == 3 else 0)
            kept.append((name, photo, np.asarray(moved / np.linalg.norm(moved), np.float32)))
    twin = [("Zoë", photo, vector) for name, photo, vector in rows if name == "P05"]
    return kept + twin


@pytest.fixture(scope="module", params=[0, 1])
def gallery(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    opened = gallery_of(tmp_path_factory.mktemp("one-list") / "gallery", uneven(request.param))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(gallery: Gallery) -> FlaskClient:
    return create_app({"GALLERY": str(gallery.folder)}).test_client()


def reported(gallery: Gallery, folder: Path) -> dict[str, list[Row]]:
    page = write_report(gallery, folder / "report", Wanted(k=K))
    people = json.loads(page.with_name("report.json").read_text(encoding="utf-8"))["people"]
    return {
        row["person"]: [(one["other_person"], *(one[key] for key in SAID)) for one in row["nearest"]] for row in people
    }


def rows_of(answer: dict) -> list[Row]:
    return [(row["person"], *(row[key] for key in SAID)) for row in answer["results"]]


def same(one: list, other: list) -> bool:
    names, others = ([(row[0], *row[5:]) for row in rows] for rows in (one, other))
    return names == others and all(
        row[1:5] == (pytest.approx(found[1], abs=2e-4), *(pytest.approx(share, rel=0.01) for share in found[2:5]))
        for row, found in zip(one, other, strict=True)
    )


def test_everybody_has_the_same_list_everywhere(gallery: Gallery, client: FlaskClient, tmp_path: Path) -> None:
    expected = reported(gallery, tmp_path)
    assert len(expected) >= PEOPLE
    with niteru.Gallery(gallery.folder) as python:
        for name, nearest in expected.items():
            answer = client.get("/similar", query_string={"person": name, "k": K}).json
            assert answer["query"]["asked"] == "person"
            assert answer["query"]["person"] == name
            assert same(rows_of(answer), nearest), name
            matches = python.similar(person=name, k=K)
            assert matches.asked == "person"
            found = [(match.person, *(getattr(match, key) for key in SAID)) for match in matches]
            assert same(found, nearest), name


def test_the_command_line_has_it_too(gallery: Gallery, client: FlaskClient) -> None:
    for arguments in (["--person", "Zoë"], ["--person", unicodedata.normalize("NFD", "Zoë")], ["Zoë"]):
        done = CliRunner().invoke(command, [*arguments, "--gallery", str(gallery.folder), "-k", str(K), "--json"])
        assert done.exit_code == 0, done.output
        assert rows_of(json.loads(done.output)) == rows_of(
            client.get("/similar", query_string={"person": "Zoë", "k": K}).json
        )


def test_a_person_who_is_there_twice_is_marked_in_place(client: FlaskClient) -> None:
    answer = client.get("/similar", query_string={"person": "Zoë", "k": K}).json
    assert answer["results"][0]["person"] == "P05"
    assert len(answer["results"]) == K
    everybody = client.get("/similar", query_string={"person": "Zoë", "k": K, "mode": "all"}).json["results"]
    assert "Zoë" in [row["person"] for row in everybody[:2]]
    assert [row["person"] for row in everybody if row["person"] != "Zoë"] == [
        row["person"] for row in answer["results"][: K - 1]
    ]


def test_a_card_shows_the_list_in_three_languages(client: FlaskClient) -> None:
    cards = []
    for language in ("en", "ja", "zh-Hant"):
        reply = client.get("/card.png", query_string={"person": "P01", "k": 3, "language": language})
        assert reply.status_code == 200
        cards.append(Image.open(io.BytesIO(reply.data)).convert("RGB"))
    assert ImageChops.difference(cards[0], cards[1]).getbbox()
    assert client.get("/card.png?person=P01&language=xx").status_code == 400
    by_photo = Image.open(io.BytesIO(client.get("/card.png?image=P03/0.jpg").data)).convert("RGB")
    by_person = Image.open(io.BytesIO(client.get("/card.png?person=P03").data)).convert("RGB")
    assert by_person.size == by_photo.size


def test_what_is_rarer_only(gallery: Gallery, client: FlaskClient, tmp_path: Path) -> None:
    nearest = client.get("/similar", query_string={"person": "P01", "k": 20}).json["results"]
    limit = nearest[2]["rarity"]
    rare = client.get("/similar", query_string={"person": "P01", "k": 20, "max_rarity": limit * 1.01}).json["results"]
    assert [row["person"] for row in rare] == [row["person"] for row in nearest if row["rarity"] <= limit * 1.01]


def test_who_cannot_be_asked_about_is_told_why(gallery: Gallery, client: FlaskClient) -> None:
    def problem(**query: object) -> tuple[int, str]:
        reply = client.get("/similar", query_string=query)
        return reply.status_code, reply.json["type"]

    assert problem(person="Nemo") == (404, "person-not-found")
    assert problem(person="P01", image="P01/0.jpg") == (400, "bad-parameter")
    assert problem() == (400, "missing-image")
    assert problem(person="") == (400, "missing-image")
    assert problem(person="P01", by="face") == (400, "bad-parameter")
    with niteru.Gallery(gallery.folder) as python:
        with pytest.raises(PersonNotFound, match="Nemo"):
            python.similar(person="Nemo")
        for wrong in ({}, {"photo": "P01/0.jpg", "person": "P01"}, {"person": "P01", "by": "face"}):
            with pytest.raises(UnclearQuestion):
                python.similar(**wrong)
    refused = CliRunner().invoke(command, ["P01/0.jpg", "--person", "P01", "--gallery", str(gallery.folder)])
    assert refused.exit_code != 0
    assert CliRunner().invoke(command, ["--gallery", str(gallery.folder)]).exit_code == 2


def test_a_person_without_a_usable_face_is_named(tmp_path: Path) -> None:
    gallery = gallery_of(tmp_path / "gallery", crowd(0, 3))
    with gallery.catalog.transaction():
        gallery.catalog.put_photo(PhotoFile("Ann/1.jpg", "Ann", "f" * 64, 1, 1, "crops", "no-face"), [], "m")
    reply = create_app({"GALLERY": str(gallery.folder)}).test_client().get("/similar?person=Ann")
    assert (reply.status_code, reply.json["type"]) == (404, "person-without-face")
    with niteru.Gallery(gallery.folder) as python, pytest.raises(PersonWithoutFace, match="Ann"):
        python.similar(person="Ann")
    gallery.close()


def test_who_is_forgotten_is_gone_from_the_lists_at_once(tmp_path: Path) -> None:
    gallery = gallery_of(tmp_path / "gallery", crowd(0, 6))
    client = create_app({"GALLERY": str(gallery.folder)}).test_client()
    first = client.get("/similar?person=P0&k=10").json["results"]
    gone = first[0]["person"]
    with gallery.catalog.transaction():
        for face in gallery.catalog.queries.faces_of_person(gone):
            gallery.catalog.remove_photo(face.photo)
    left = client.get("/similar?person=P0&k=10").json["results"]
    assert [row["person"] for row in left] == [row["person"] for row in first[1:]]
    gallery.close()

"""Shortlists: the same people and likeness by command, HTTP and Python, and nobody who is not there."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from PIL import Image

import niteru
from niteru.indexer.ask.not_found import PersonNotFound
from niteru.indexer.ask.shortlist import MOST_PICKED
from niteru.indexer.generations.column_summary import ColumnNotFound
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.scripts.shortlist import command
from niteru.serve.http.app import create_app
from niteru.serve.pictures.lines import Style, wrapped
from niteru.serve.shortlist.sheet import HEIGHT, WIDTH
from support.drawn import DrawnFolder, write_image
from support.tables import write_table

FEW, ALL = ("Bo Łęcki", "陳美玲"), ("Bo Łęcki", "陳美玲", "さくら", "Zoë", "Ann-Sophie Hohenlohe-Waldenburg", "Ida")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, drawn_crops: dict[str, list[np.ndarray]]) -> Path:
    root = tmp_path_factory.mktemp("shortlist")
    for name, crops in zip(ALL, drawn_crops.values(), strict=True):
        for number, crop in enumerate(crops, start=1):
            write_image(root / "faces" / name / f"{number}.png", crop)
    update(root / "gallery", write_table(DrawnFolder(root / "faces", list(ALL))), crops=True)
    return root


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    app = create_app({"GALLERY": str(folder / "gallery")})
    yield app.test_client()
    app.extensions["niteru"].close()


def listed(client: FlaskClient, kind: str = "json", **query: object):
    return client.get(f"/shortlist.{kind}", query_string=query)


def test_everybody_is_as_alike_as_the_answer_says(client: FlaskClient) -> None:
    for asked, question in (("Zoë", {"person": "Zoë"}), ("faces/Zoë/2.png", {"image": "faces/Zoë/2.png"})):
        rows = client.get("/similar", query_string={**question, "k": 10}).json["results"]
        said = {row["person"]: {key: row[key] for key in ("similarity", "rarity", "one_in", "grade")} for row in rows}
        people = listed(client, person=ALL, **{"for": asked}).json["people"]
        assert [one["person"] for one in people] == list(ALL)
        for one in people:
            alike = one["likeness"]
            if one["person"] == "Zoë":
                assert alike is None, "nobody looks like themself"
            else:
                assert {key: alike[key] for key in said[one["person"]]} == said[one["person"]]


def test_a_photo_of_somebody_else_is_compared(client: FlaskClient, folder: Path) -> None:
    photo = (folder / "faces" / "Ida" / "1.png").read_bytes()
    path = "/shortlist.json?person=Ida&person=Zo%C3%AB"
    reply = client.post(path, data={"image": (io.BytesIO(photo), "photo")})
    assert reply.json["for"] == {"person": None}
    assert [round(one["likeness"]["similarity"], 2) == 1 for one in reply.json["people"]] == [True, False]
    assert client.post(path, data={}).json["type"] == "missing-image"
    assert client.post(f"{path}&for=Ida", data={"image": (io.BytesIO(photo), "photo")}).status_code == 400


def test_portraits_are_those_of_the_answer(client: FlaskClient) -> None:
    one = listed(client, person="zoë").json["people"][0]
    assert one["person"] == "Zoë"
    assert one["face"]["id"] == client.get("/similar?person=Zoë").json["query"]["face"]["id"]
    assert client.get(one["face"]["crop"]).content_type == "image/jpeg"


def test_only_columns_that_are_asked_for_are_told(client: FlaskClient) -> None:
    assert [one["columns"] for one in listed(client, person=FEW).json["people"]] == [{}, {}]
    both = listed(client, person=FEW, columns="Born, agency").json
    assert both["columns"] == ["born", "agency"]
    assert both["people"][1]["columns"] == {"born": ["1991-04-05"], "agency": ["Ford"]}
    rows = list(csv.DictReader(io.StringIO(listed(client, "csv", person=FEW, columns="agency").text)))
    assert [(row["person"], row["agency"], row["rarity"]) for row in rows] == [
        (FEW[0], "Elite", ""),
        (FEW[1], "Ford", ""),
    ]


def test_pages_are_a4_and_as_many_as_it_takes(client: FlaskClient) -> None:
    one = listed(client, "pdf", person=ALL, columns="agency")
    assert (one.content_type, one.headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert one.headers["Content-Disposition"] == 'attachment; filename="shortlist.pdf"'
    assert one.data.count(b"/Type /Page\n") == 1 and b"/MediaBox [ 0 0 595" in one.data
    picture = Image.open(io.BytesIO(listed(client, "png", person=ALL, language="ja").data))
    assert picture.width == WIDTH and picture.height < HEIGHT
    fewer = Image.open(io.BytesIO(listed(client, "png", person=FEW, language="ja").data))
    assert fewer.height < picture.height, "a row less"


@pytest.mark.parametrize(
    ("query", "status", "kind", "words"),
    [
        ({"person": ["Ida", "Nemo", "Outis"]}, 404, "person-not-found", "'Nemo', 'Outis'"),
        ({"person": "Ida", "for": "Nemo"}, 404, "person-not-found", "Nemo"),
        ({"person": "Ida", "columns": "age"}, 404, "column-not-found", "agency, born"),
        ({}, 400, "bad-parameter", "person=NAME"),
        ({"person": [f"P{number}" for number in range(MOST_PICKED + 1)]}, 400, "bad-parameter", "100 times"),
        ({"person": "Ida", "for": ["Zoë", "Ida"]}, 400, "bad-parameter", "'for' is given 2 times"),
        ({"person": "Ida", "language": "xx"}, 400, "bad-parameter", "en, ja"),
    ],
)
def test_what_cannot_be_listed_is_told(client: FlaskClient, query: dict, status: int, kind: str, words: str) -> None:
    for wanted in ("pdf", "json"):
        reply = listed(client, wanted, **query)
        assert (reply.status_code, reply.json["type"]) == (status, kind)
        assert words in reply.json["detail"]


def test_the_key_and_the_limit_are_those_of_other_pictures(folder: Path) -> None:
    key = "a-key-of-sixteen-letters"
    app = create_app({"GALLERY": str(folder / "gallery"), "PUBLIC": True, "API_KEY": key, "RATE_LIMIT": "2 per hour"})
    client = app.test_client()
    assert client.get("/shortlist.pdf?person=Ida").status_code == 401
    head = {"Authorization": f"Bearer {key}"}
    replies = [client.get("/shortlist.png?person=Ida", headers=head).status_code for _ in range(3)]
    assert replies == [200, 200, 429]
    assert client.get("/shortlist.json?person=Ida", headers=head).status_code == 200, "no picture is drawn"
    app.extensions["niteru"].close()


def test_command_and_python_write_what_http_answers(folder: Path, client: FlaskClient, tmp_path: Path) -> None:
    http = listed(client, person=FEW, columns="agency", **{"for": "Zoë"}).json
    options = ["--gallery", str(folder / "gallery"), "--for", "Zoë", "--columns", "agency"]
    done = CliRunner().invoke(command, [*FEW, *options, "--out", str(tmp_path / "new" / "list.json"), "--json"])
    assert done.exit_code == 0, done.output
    written, printed = json.loads((tmp_path / "new" / "list.json").read_text()), json.loads(done.output)
    assert printed == {"file": str(tmp_path / "new" / "list.json"), **written}
    for one in http["people"]:
        del one["face"]["crop"]
    assert written == http
    with niteru.Gallery(folder / "gallery") as gallery:
        picks = gallery.shortlist(FEW, "Zoë", columns="agency")
        assert [(one.person, one.rarity, one.columns) for one in picks] == [
            (one["person"], one["likeness"]["rarity"], one["columns"]) for one in http["people"]
        ]
        assert picks.save(tmp_path / "list.pdf").read_bytes().startswith(b"%PDF")
        assert "crop" not in picks.to_dicts()[0] and "<img" in picks._repr_html_()
        with pytest.raises(ColumnNotFound):
            gallery.shortlist(FEW, columns="age")


def test_a_file_of_no_known_kind_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["Ida", "--gallery", str(tmp_path / "none"), "--out", "list.doc"])
    assert (done.exit_code, "list.doc" in done.output, ".pdf, .png, .csv, .json" in done.output) == (1, True, True)


def test_the_forgotten_are_in_no_list(tmp_path: Path, faces: DrawnFolder) -> None:
    update(tmp_path / "gallery", faces.folder, crops=True)
    app = create_app({"GALLERY": str(tmp_path / "gallery")})
    client, gone, there = app.test_client(), faces.names[0], faces.names[1]
    assert listed(client, "pdf", person=[there, gone]).status_code == 200
    assert forget(tmp_path / "gallery", gone).clean
    for query in ({"person": [there, gone]}, {"person": there, "for": gone}):
        refused = listed(client, "pdf", **query)
        assert (refused.status_code, refused.json["type"]) == (404, "person-not-found")
        assert repr(gone) in refused.json["detail"]
    app.extensions["niteru"].close()
    with niteru.Gallery(tmp_path / "gallery") as gallery, pytest.raises(PersonNotFound, match=gone):
        gallery.shortlist([gone])


def test_no_letter_of_a_name_leaves_its_cell() -> None:
    for text in ("Ann-Sophie Hohenlohe-Waldenburg", "W" * 60, "山田花子" * 12, "a b"):
        style = Style(34, "black", bold=True)
        lines = wrapped(text, style, 300, 20)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(style.width(line) <= 300 for line in lines)
    cut = wrapped("many words " * 30, Style(34, "black"), 300, 3)
    assert len(cut) == 3
    assert cut[2].endswith("…")

"""Comparisons over HTTP: the answers of ``niteru compare``, for photos that are sent and for what the gallery has."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from niteru.serve.http.comparison_schemas import ComparisonSchema
from support.command import niteru


@pytest.fixture(scope="module")
def names(asked: FlaskClient) -> list[str]:
    return [one["person"] for one in asked.get("/people").json["people"]]


@pytest.fixture(scope="module")
def photos(asked: FlaskClient, place: Path, names: list[str]) -> list[Path]:
    """A photo of each of the people."""
    return [next(iter(sorted((place / "faces" / name).iterdir()))) for name in names]


def compared(asked: FlaskClient, query: dict[str, Any], **sent: bytes) -> Any:
    form = {which: (io.BytesIO(data), "a.png") for which, data in sent.items()}
    return asked.post("/compare", query_string=query, data=form, content_type="multipart/form-data")


def on_command_line(place: Path, one: object, other: object) -> dict[str, Any]:
    done = niteru("compare", one, other, "--gallery", place / "gallery", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def sides(names: list[str], photos: list[Path]) -> list[tuple[str, str | Path, str | Path]]:
    reference = f"{names[2]}/{photos[2].name}"
    return [
        ("two photos", photos[0], photos[1]),
        ("a photo and a person", photos[0], names[1]),
        ("a person and a photo of the gallery", names[0], reference),
        ("two people", names[0], names[1]),
        ("somebody with themself", names[0], names[0]),
    ]


def test_answers_are_those_of_the_command(
    asked: FlaskClient, place: Path, names: list[str], photos: list[Path]
) -> None:
    for what, *pair in sides(names, photos):
        named = {which: one for which, one in zip(("one", "other"), pair, strict=True) if isinstance(one, str)}
        sent = {
            which: one.read_bytes() for which, one in zip(("one", "other"), pair, strict=True) if isinstance(one, Path)
        }
        reply = compared(asked, {**named, "explain": 1}, **sent)
        assert reply.status_code == 200, (what, reply.text)
        assert ComparisonSchema().validate(reply.json) == {}, what
        answer, told = reply.json, on_command_line(place, *pair)
        assert answer.pop("request_id") == reply.headers["X-Request-Id"]
        assert told.pop("picture") is None
        for which in sent:
            assert answer[which].pop("name") == "photo"
            told[which].pop("name")
        assert answer == told, what
        assert sum(answer["why"].values()) == pytest.approx(1, abs=0.01) or not any(answer["why"].values())


def test_two_people_are_as_alike_as_in_an_answer(asked: FlaskClient, names: list[str]) -> None:
    answer = compared(asked, {"one": names[0], "other": names[1]}).json
    row = asked.get("/similar", query_string={"person": names[0], "other": names[1]}).json["results"][0]
    for part in ("similarity", "rarity", "rarity_from", "rarity_to", "how_sure", "one_in", "grade", "same_person"):
        assert answer[part] == row[part], part
    assert "why" not in answer, "nobody asked for it"


def test_each_photo_has_a_choice_of_faces(asked: FlaskClient, photos: list[Path]) -> None:
    sent = {"one": photos[0].read_bytes(), "other": photos[1].read_bytes()}
    assert compared(asked, {"one_face": "0", "other_face": "largest"}, **sent).status_code == 200
    for which in sent:
        reply = compared(asked, {f"{which}_face": "1"}, **sent)
        assert reply.json["detail"] == f"{which}: face 1 was asked for and 1 found, counted from 0"


def test_what_is_no_comparison_is_a_problem(asked: FlaskClient, names: list[str], photos: list[Path]) -> None:
    photo = photos[0].read_bytes()
    tiny = io.BytesIO()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tiny, "PNG")
    for query, sent, status, kind, said in (
        ({}, {}, 400, "missing-image", "'one'"),
        ({"one": names[0]}, {}, 400, "missing-image", "'other'"),
        ({"one": names[0]}, {"one": photo, "other": photo}, 400, "bad-parameter", "'one' is sent"),
        ({"one": names[0], "other": "Nemo"}, {}, 404, "person-not-found", "Nemo"),
        ({"one": names[0], "other": str(photos[0])}, {}, 404, "person-not-found", "nobody"),
        ({"one": names[0], "other": "face:99999"}, {}, 404, "person-not-found", "face:99999"),
        ({"one": names[0]}, {"other": b"text"}, 415, "unsupported-type", "other: "),
        ({"one": names[0]}, {"other": tiny.getvalue()}, 422, "face-too-small", "other: "),
        ({"one": names[0]}, {"other": photo, "image": photo}, 400, "bad-parameter", "'image'"),
        ({"one": names[0], "other": names[1], "face": "0"}, {}, 400, "bad-parameter", "'face'"),
        ({"one": names[0], "other_face": "left"}, {"other": photo}, 400, "bad-parameter", "face"),
    ):
        reply = compared(asked, query, **sent)
        assert (reply.status_code, reply.json["type"]) == (status, kind), (query, reply.text)
        assert said in reply.json["detail"], reply.json

"""Answers that are kept and asked about again: 304 as long as nothing has changed, and not a moment longer."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from niteru.indexer.update.enrol import update
from niteru.serve.http.app import create_app
from support.drawn import DrawnFolder, write_crops
from support.service import KEY, client

BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def changing(tmp_path: Path, drawn_crops: dict[str, Any]) -> tuple[FlaskClient, DrawnFolder]:
    """Client with the key of a service of its own, and the folder it shows."""
    faces = write_crops(tmp_path / "faces", drawn_crops)
    update(tmp_path / "gallery", tmp_path / "faces", crops=True)
    return client(tmp_path, KEY), faces


def kept_by(name: str) -> tuple[str, ...]:
    return (
        *("/people", f"/people/{name}", "/similar?image=face:1", f"/similar?person={name}", "/pairs", "/groups"),
        *("/columns", "/faces/1", "/faces/1.jpg", f"/portrait.jpg?person={name}"),
    )


def test_what_has_not_changed_is_not_sent_again(asked: FlaskClient) -> None:
    name = asked.get("/people").json["people"][0]["person"]
    for path in kept_by(name):
        with asked.get(path) as first:
            tag = first.headers["ETag"]
            assert first.headers["Cache-Control"] == "private, no-cache", path
        with asked.get(path, headers={"If-None-Match": tag}) as again:
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag), path
            assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
            assert again.headers["Cache-Control"] == "private, no-cache", path
        with asked.get(path, headers={"If-None-Match": 'W/"another"'}) as other:
            assert other.status_code == 200, path
            assert other.data, path
    assert asked.get("/people").headers["ETag"] != asked.get("/people?limit=2").headers["ETag"]


def test_who_is_forgotten_is_confirmed_by_no_tag(changing: tuple[FlaskClient, DrawnFolder]) -> None:
    asked, faces = changing
    name = faces.names[0]
    mine = asked.get(f"/people/{name}").json["faces"][0]["id"]
    paths = (*kept_by(name)[:5], f"/faces/{mine}", f"/faces/{mine}.jpg")
    tags = {}
    for path in paths:
        with asked.get(path) as reply:
            tags[path] = reply.headers["ETag"]
    assert asked.delete(f"/people/{name}", headers=BEARER).json["clean"]
    statuses = {path: asked.get(path, headers={"If-None-Match": tag}).status_code for path, tag in tags.items()}
    assert 304 not in statuses.values(), statuses
    assert statuses[f"/people/{name}"] == statuses[f"/faces/{mine}.jpg"] == 404


def test_what_is_said_by_hand_counts_before_it_is_published(changing: tuple[FlaskClient, DrawnFolder]) -> None:
    asked, faces = changing
    generation = asked.get("/readyz").json["generation"]
    tag = asked.get("/people").headers["ETag"]
    told = asked.post("/names", json={"who": [faces.names[0]], "name": "Aunt Mary"}, headers=BEARER)
    assert told.status_code == 200
    assert asked.get("/readyz").json["generation"] == generation
    news = asked.get("/people", headers={"If-None-Match": tag})
    assert news.status_code == 200
    assert "Aunt Mary" in [one["person"] for one in news.json["people"]]


def test_the_tag_of_an_answer_is_the_same_in_every_process(place: Path, asked: FlaskClient) -> None:
    second = create_app({"GALLERY": str(place / "gallery")}).test_client()
    for path in ("/similar?image=face:1", "/people", "/pairs"):
        assert second.get(path).headers["ETag"] == asked.get(path).headers["ETag"], path

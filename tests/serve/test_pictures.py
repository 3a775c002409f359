"""Portraits, photos, pairs and the state of the gallery, as the page asks for them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from niteru.engine.photos.own_work import DRAWN
from niteru.indexer.catalog.indexing import forget_progress, note_progress
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.serve.http.app import create_app
from support.drawings import draw_folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pictures")
    draw_folder(root / "faces", 4, 2)
    update(root / "gallery", root / "faces")
    return root


@pytest.fixture(scope="module")
def drawn(root: Path) -> FlaskClient:
    return create_app({"GALLERY": str(root / "gallery")}).test_client()


def names(asked: FlaskClient) -> list[str]:
    return [one["person"] for one in asked.get("/people").json["people"]]


def test_a_portrait_says_where_its_crop_lies(drawn: FlaskClient) -> None:
    reply = drawn.get("/portrait.jpg", query_string={"person": names(drawn)[0], "side": 200})
    assert reply.status_code == 200
    assert 0 < float(reply.headers["Face-Inset"]) < 0.25
    with Image.open(io.BytesIO(reply.data)) as image:
        assert image.size[0] == image.size[1] <= 200
    again = drawn.get(
        "/portrait.jpg",
        query_string={"person": names(drawn)[0], "side": 200},
        headers={"If-None-Match": reply.headers["ETag"]},
    )
    assert again.status_code == 304


def test_a_photo_is_whole_and_tells_nothing_else(drawn: FlaskClient) -> None:
    face = drawn.get("/people/" + names(drawn)[0]).json["faces"][0]["id"]
    described = drawn.get(f"/faces/{face}").json
    reply = drawn.get("/photo.jpg", query_string={"image": f"face:{face}", "side": 4096})
    with Image.open(io.BytesIO(reply.data)) as image:
        assert abs(image.width - described["size"][0]) <= 8
        assert not image.getexif()
    assert [one["id"] for one in described["in_photo"]] == [face]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/portrait.jpg", 400),
        ("/portrait.jpg?person=Nobody", 404),
        ("/portrait.jpg?image=face:999", 404),
        ("/portrait.jpg?image=face:1&person=Nobody", 400),
        ("/portrait.jpg?image=face:1&side=100000", 400),
        ("/photo.jpg?image=../../etc/passwd", 404),
        ("/photo.jpg", 400),
        ("/pairs?k=0", 400),
        ("/similar?image=face:1&other=Nobody", 404),
    ],
)
def test_what_is_not_there_is_a_problem(drawn: FlaskClient, path: str, status: int) -> None:
    assert drawn.get(path).status_code == status


def test_crops_alone_have_portraits_too(asked: FlaskClient) -> None:
    reply = asked.get("/portrait.jpg", query_string={"person": names(asked)[0]})
    assert reply.status_code == 200
    assert float(reply.headers["Face-Inset"]) == 0


def test_one_person_alone_can_be_compared_with(drawn: FlaskClient) -> None:
    one, other = names(drawn)[:2]
    whole = drawn.get("/similar", query_string={"person": one, "k": 10}).json["results"]
    (row,) = drawn.get("/similar", query_string={"person": one, "other": other, "k": 1, "explain": 1}).json["results"]
    known = next(found for found in whole if found["person"] == other)
    assert row["person"] == other
    assert (row["similarity"], row["rarity"]) == (known["similarity"], known["rarity"])
    assert sum(row["why"].values()) == pytest.approx(1, abs=0.05)


def test_the_most_alike_pairs_begin_with_the_most_alike(drawn: FlaskClient) -> None:
    pairs = drawn.get("/pairs?k=2").json["pairs"]
    assert 1 <= len(pairs) <= 2
    found = drawn.get("/similar", query_string={"person": pairs[0]["one"], "other": pairs[0]["other"]}).json["results"]
    assert found[0]["rarity"] == pytest.approx(pairs[0]["rarity"])


def test_the_gallery_says_how_it_is(root: Path, drawn: FlaskClient, tmp_path: Path) -> None:
    unchanged = {"indexing": None, "changes": {"last": 0, "answered": 0}}
    assert drawn.get("/gallery").json == {"ready": True, "people": 4, "groups": 0, "drawn": True, **unchanged}
    (root / "faces" / DRAWN).unlink()
    with Gallery.writing(root / "gallery") as gallery:
        note_progress(gallery.catalog, 2, 8)
    state = drawn.get("/gallery").json
    assert not state["drawn"]
    assert state["indexing"] == {"done": 2, "total": 8}
    with Gallery.writing(root / "gallery") as gallery:
        forget_progress(gallery.catalog)
    nothing = create_app({"GALLERY": str(tmp_path / "nothing")}).test_client().get("/gallery")
    assert nothing.json == {"ready": False, "people": 0, "groups": 0, "drawn": False, **unchanged}


def test_whoever_is_forgotten_has_no_picture(tmp_path: Path) -> None:
    draw_folder(tmp_path / "faces", 3, 1)
    update(tmp_path / "gallery", tmp_path / "faces")
    asked = create_app({"GALLERY": str(tmp_path / "gallery")}).test_client()
    name = names(asked)[0]
    face = asked.get(f"/people/{name}").json["faces"][0]["id"]
    addresses = [f"/portrait.jpg?person={name}", f"/portrait.jpg?image=face:{face}", f"/photo.jpg?image=face:{face}"]
    assert [asked.get(one).status_code for one in addresses] == [200, 200, 200]
    assert forget(tmp_path / "gallery", name).clean
    assert [asked.get(one).status_code for one in addresses] == [404, 404, 404]

"""Groups without a name over HTTP: they are listed, named, merged, split and set aside, and it is published later."""

import json
import shutil
import urllib.request
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.local.lock import gallery_lock
from niteru.serve.http.late_publication import LatePublication
from support.command import start
from support.nameless import nameless_gallery
from support.service import KEY, client
from support.waiting import soon

PEOPLE, PHOTOS = 12, 4
OWNER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("nameless")
    nameless_gallery(root / "gallery", PEOPLE, PHOTOS)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "gallery", tmp_path / "gallery")
    return tmp_path


@pytest.fixture
def asked(root: Path) -> FlaskClient:
    return client(root, KEY)


def said(asked: FlaskClient, *who: str, **what: object) -> dict:
    reply = asked.post("/names", json={"who": who, **what}, headers=OWNER)
    assert reply.status_code == 200, reply.text
    return reply.json


def numbers(asked: FlaskClient, **query: int) -> list[int]:
    return [group["number"] for group in asked.get("/groups", query_string=query).json["groups"]]


def generation_of(root: Path) -> tuple[int, set[int]]:
    """The number of the published generation, and whose faces it knows."""
    with closing(Gallery(root / "gallery")) as gallery:
        return gallery.generation.number, set(np.unique(gallery.generation.person_ids).tolist())


def test_groups_are_listed_the_largest_first_and_in_pages(asked: FlaskClient) -> None:
    answer = asked.get("/groups").json
    assert (answer["total"], answer["unnamed"], answer["named"]) == (PEOPLE, PEOPLE * PHOTOS, 0)
    assert numbers(asked) == list(range(1, PEOPLE + 1)), "all are as large"
    assert numbers(asked, offset=5, limit=3) == [6, 7, 8]
    assert '</groups?offset=8&limit=3>; rel="next"' in asked.get("/groups?offset=5&limit=3").headers["Link"]
    assert numbers(asked, limit=0) == []
    assert numbers(asked, offset=999) == []
    assert numbers(asked, number=7) == [7]
    assert numbers(asked, number=99) == []
    first = answer["groups"][0]
    assert (first["person"], first["count"], first["photos"]) == ("unnamed 1", PHOTOS, PHOTOS)
    assert asked.get(first["faces"][0]["crop"]).content_type == "image/jpeg"
    everywhere = {face["id"] for group in answer["groups"] for face in group["faces"]}
    assert len(everywhere) == PEOPLE * PHOTOS
    said(asked, "face:" + str(first["faces"][0]["id"]), name="Ada")
    assert numbers(asked)[-1] == 1, "it is smaller now"


def test_only_twelve_faces_of_a_group_are_told(asked: FlaskClient) -> None:
    said(asked, "2", "3", "4", name="unnamed 1")
    (group,) = asked.get("/groups?number=1").json["groups"]
    assert (group["count"], len(group["faces"])) == (4 * PHOTOS, 12)
    assert len(asked.get("/people/unnamed 1").json["faces"]) == 4 * PHOTOS


@pytest.mark.parametrize("query", ["limit=501", "offset=-1", "offset=1e3", "number=0", "k=1", "limit=1&limit=2"])
def test_a_page_that_is_none_is_refused(asked: FlaskClient, query: str) -> None:
    reply = asked.get(f"/groups?{query}")
    assert (reply.status_code, reply.json["type"]) == (400, "bad-parameter")


def test_naming_asks_for_the_key(asked: FlaskClient, root: Path) -> None:
    body = {"who": ["1"], "name": "Ada"}
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        assert asked.post("/names", json=body, headers=headers).status_code == 401
        assert asked.delete("/names/last", headers=headers).status_code == 401
    assert client(root).post("/names", json=body, headers={"Authorization": "Bearer "}).status_code == 401
    assert asked.get("/people").json == {"groups": PEOPLE, "total": 0, "people": []}


def test_answers_have_a_name_at_once(asked: FlaskClient) -> None:
    assert asked.get("/similar?person=unnamed 2&k=1").json["query"]["person"] == "unnamed 2"
    assert said(asked, "unnamed 1", name="  Ada  Lovelace ") == {"faces": PHOTOS, "name": "Ada Lovelace"}
    people = asked.get("/people").json
    assert (people["groups"], [one["person"] for one in people["people"]]) == (PEOPLE - 1, ["Ada Lovelace"])
    face = asked.get("/people/Ada Lovelace").json["faces"][0]["id"]
    rows = asked.get(f"/similar?image=face:{face}&mode=all&k=100").json["results"]
    groups = {row["person"]: row.get("group") for row in rows}
    assert groups == {"Ada Lovelace": None} | {f"unnamed {number}": number for number in range(2, PEOPLE + 1)}
    assert asked.get("/groups").json["named"] == PHOTOS


def test_steps_are_taken_back_one_by_one(asked: FlaskClient) -> None:
    before = asked.get("/groups").json
    first = [f"face:{face['id']}" for face in before["groups"][0]["faces"][:2]]
    said(asked, "1", name="Ada")
    said(asked, "2", name="Ada")
    assert said(asked, *first, split=True)["name"] == f"unnamed {PEOPLE + 1}"
    said(asked, "3", nobody=True)
    said(asked, "4", no_face=True)
    said(asked, "5", name="unnamed 6")
    after = asked.get("/groups").json
    assert (after["total"], after["named"]) == (PEOPLE - 2 - 2 - 1 + 1, 2 * PHOTOS - 2)
    for _ in range(6):
        assert asked.delete("/names/last", headers=OWNER).status_code == 200
    assert asked.get("/groups").json == before
    nothing = asked.delete("/names/last", headers=OWNER)
    assert (nothing.status_code, nothing.json["type"]) == (404, "nothing-to-take-back")


def test_who_names_a_group_that_has_a_name_meanwhile_is_told_so(asked: FlaskClient) -> None:
    said(asked, "unnamed 1", name="Ada")
    second = asked.post("/names", json={"who": ["unnamed 1"], "name": "Bo"}, headers=OWNER)
    assert (second.status_code, second.json["type"]) == (404, "person-not-found")
    assert "unnamed 1 is called Ada now" in second.json["detail"]
    assert [one["person"] for one in asked.get("/people").json["people"]] == ["Ada"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "bad-parameter"),
        ([], "bad-parameter"),
        ({"who": ["1"]}, "bad-parameter"),
        ({"who": [], "name": "Ada"}, "bad-parameter"),
        ({"who": "1", "name": "Ada"}, "bad-parameter"),
        ({"who": [1], "name": "Ada"}, "bad-parameter"),
        ({"who": ["1"], "name": "Ada", "split": True}, "bad-parameter"),
        ({"who": ["1"], "split": False}, "bad-parameter"),
        ({"who": ["1"], "nobody": "yes"}, "bad-parameter"),
        ({"who": ["1"], "nobody": 1}, "bad-parameter"),
        ({"who": ["1"], "called": "Ada"}, "bad-parameter"),
        ({"who": ["1"], "name": "A" * 501}, "bad-parameter"),
        ({"who": ["1"], "name": "A" * 201}, "bad-name"),
        ({"who": ["1"], "name": "a/b"}, "bad-name"),
        ({"who": ["1"], "name": "\0"}, "bad-name"),
        ({"who": ["1"], "name": "unnamed 99"}, "bad-name"),
        ({"who": ["99"], "name": "Ada"}, "person-not-found"),
        ({"who": ["9" * 400], "name": "Ada"}, "person-not-found"),
        ({"who": ["face:99999"], "name": "Ada"}, "face-not-found"),
        ({"who": ["face:\u0663"], "name": "Ada"}, "face-not-found"),
        ({"who": ["\ud800"], "name": "Ada"}, "person-not-found"),
        ({"who": ["1"], "name": "\ud800"}, "bad-name"),
    ],
    ids=repr,
)
def test_what_cannot_be_said_changes_nothing(asked: FlaskClient, body: object, kind: str) -> None:
    reply = asked.post("/names", data=json.dumps(body), content_type="application/json", headers=OWNER)
    assert (reply.json["type"], reply.json["status"]) == (kind, reply.status_code)
    assert reply.status_code in (400, 404)
    assert asked.get("/groups").json["unnamed"] == PEOPLE * PHOTOS


def test_what_is_no_json_is_refused(asked: FlaskClient) -> None:
    for kind, data in (("application/json", b"{"), ("text/plain", b'{"who": ["1"], "name": "Ada"}'), ("", b"")):
        reply = asked.post("/names", data=data, content_type=kind, headers=OWNER)
        assert (reply.status_code, reply.json["type"]) == (400, "bad-parameter"), kind


def test_names_are_published_once_it_is_quiet(asked: FlaskClient, root: Path) -> None:
    asked.application.extensions["niteru-publication"] = LatePublication(root / "gallery", quiet_s=0.5)
    number, people = generation_of(root)
    said(asked, "1", name="unnamed 2")
    said(asked, "3", name="unnamed 4")
    assert generation_of(root) == (number, people), "not yet"
    assert soon(lambda: generation_of(root)[0] > number)
    after, left = generation_of(root)
    assert (after, len(left)) == (number + 1, PEOPLE - 2), "once"


def test_a_gallery_that_another_process_holds_is_tried_again(asked: FlaskClient, root: Path) -> None:
    publication = asked.application.extensions["niteru-publication"] = LatePublication(root / "gallery", quiet_s=0.3)
    number, _ = generation_of(root)
    said(asked, "1", name="unnamed 2")
    with gallery_lock(root / "gallery"):
        busy = asked.post("/names", json={"who": ["3"], "name": "Ada"}, headers=OWNER)
        assert (busy.status_code, busy.json["type"]) == (503, "gallery-busy")
        assert int(busy.headers["Retry-After"]) > 0
        first = publication._coming
        assert soon(lambda: publication._coming is not first), "tried, and put off"
        assert generation_of(root)[0] == number
    assert soon(lambda: generation_of(root)[0] == number + 1)


def test_a_service_that_ends_publishes_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    number, people = generation_of(root)
    process, address = start(root / "gallery", root / "log")
    try:
        body = json.dumps({"who": ["1"], "name": "unnamed 2"}).encode()
        headers = {"Content-Type": "application/json", **OWNER}
        with urllib.request.urlopen(urllib.request.Request(f"{address}/names", body, headers), timeout=30) as reply:
            assert json.load(reply) == {"faces": PHOTOS, "name": "unnamed 2"}
        assert generation_of(root) == (number, people)
    finally:
        process.terminate()
        assert process.wait(30) == 0
    after, left = generation_of(root)
    assert (after, len(left)) == (number + 1, len(people) - 1)
    assert "Traceback" not in (root / "log").read_text()

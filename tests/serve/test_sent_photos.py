"""Photos that are sent over HTTP: enrolled for good, searched soon, refused one by one, forgotten without a trace."""

import hashlib
import io
import json
import shutil
import subprocess
import urllib.request
from contextlib import closing
from pathlib import Path

import cv2
import pytest
from flask.testing import FlaskClient

from niteru.engine import Pixels
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.local.lock import gallery_lock
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from niteru.serve.http.late_publication import LatePublication
from niteru.serve.keys.key import Right, new_key
from niteru.serve.keys.key_file import KeyFile
from support.command import NITERU, start
from support.drawings import draw_folder, drawn
from support.group_photo import group_photo
from support.service import KEY, client
from support.waiting import soon

PEOPLE = 4
OWNER = {"Authorization": f"Bearer {KEY}"}
NEW = "Nadia Nováková"
FIRST, SECOND = 6, 7
"""Numbers of drawn people whom the gallery does not have."""


def jpeg(image: Pixels) -> bytes:
    return cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()


def photo(person: int, number: int = 0) -> bytes:
    return jpeg(drawn(person, number).image)


def two_people() -> bytes:
    picture, _ = group_photo((700, 420), (FIRST, 0.9, 10, 10), (SECOND, 0.6, 400, 60))
    return jpeg(picture)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sent")
    draw_folder(root / "faces", PEOPLE, 2)
    update(root / "gallery", root / "faces")
    return root


@pytest.fixture(scope="module")
def untouched(made: Path) -> FlaskClient:
    return client(made, KEY)


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "root")
    return tmp_path / "root"


@pytest.fixture
def asked(root: Path) -> FlaskClient:
    return quick(client(root, KEY), root)


def quick(asked: FlaskClient, root: Path) -> FlaskClient:
    """Client of a service that publishes soon."""
    asked.application.extensions["niteru-publication"] = LatePublication(root / "gallery", quiet_s=0.2)
    return asked


def send(asked: FlaskClient, name: str, *photos: bytes, query: str = "", key: dict[str, str] = OWNER) -> dict:
    files = [(io.BytesIO(one), f"{number}.jpg") for number, one in enumerate(photos)]
    reply = asked.post(f"/people/{name}/photos{query}", data={"image": files}, headers=key)
    return {"status": reply.status_code, **reply.json}


def answered(asked: FlaskClient, change: int) -> bool:
    """What a program waits for that wants its own change answered."""
    return soon(lambda: asked.get("/gallery").json["changes"]["answered"] >= change)


def people(asked: FlaskClient) -> dict[str, int]:
    return {one["person"]: one["faces"] for one in asked.get("/people").json["people"]}


def test_sent_photos_are_answered_with_once_the_gallery_has_come_so_far(asked: FlaskClient) -> None:
    before = asked.get("/gallery").json["changes"]
    assert before == {"last": 0, "answered": 0}
    sent = send(asked, NEW, photo(FIRST), photo(FIRST, 1))
    assert (sent["status"], sent["person"], sent["refused"]) == (201, NEW, [])
    assert [face["photo"] for face in sent["faces"]] == [1, 2]
    assert asked.get("/gallery").json["changes"] == {"last": sent["change"], "answered": 0}
    assert asked.get(sent["faces"][0]["crop"]).content_type == "image/jpeg", "at once"
    assert people(asked)[NEW] == 2, "at once"
    assert answered(asked, sent["change"])
    found = asked.post("/similar?mode=all&k=1", data={"image": (io.BytesIO(photo(FIRST)), "x.jpg")}).json
    assert found["results"][0]["person"] == NEW
    assert asked.get("/gallery").json["changes"] == {"last": sent["change"], "answered": sent["change"]}


def test_a_known_person_is_meant_in_any_spelling(asked: FlaskClient) -> None:
    name = min(people(asked))
    sent = send(asked, f" {name.upper()} ", photo(0, 3))
    assert (sent["status"], sent["person"]) == (201, name)
    assert people(asked)[name] == 3


def test_a_photo_that_was_sent_before_is_entered_once(asked: FlaskClient) -> None:
    first = send(asked, NEW, photo(FIRST))
    again = send(asked, NEW, photo(FIRST), photo(FIRST))
    assert [face["id"] for face in again["faces"]] == [first["faces"][0]["id"]] * 2
    assert people(asked)[NEW] == 1


def test_photos_are_refused_one_by_one_with_the_reason(asked: FlaskClient) -> None:
    grey = jpeg(drawn(FIRST).image[:40, :40] * 0 + 128)
    sent = send(asked, NEW, grey, b"no picture", photo(FIRST), two_people())
    assert sent["status"] == 201
    assert [face["photo"] for face in sent["faces"]] == [3]
    reasons = {row["photo"]: row["reason"] for row in sent["refused"]}
    assert reasons == {1: "no-face", 2: "unsupported-type", 4: "several-faces"}
    assert "face=main" in sent["refused"][2]["detail"]


@pytest.mark.parametrize(
    ("name", "photos", "query", "status", "kind"),
    [
        (NEW, [b"no picture"], "", 415, "unsupported-type"),
        (NEW, [], "", 400, "missing-image"),
        (NEW, [b"x"] * 9, "", 400, "bad-parameter"),
        (NEW, [b"x"], "?face=leftmost", 400, "bad-parameter"),
        (NEW, [b"x"], "?k=1", 400, "bad-parameter"),
        ("unnamed 3", [b"x"], "", 400, "bad-name"),
        ("Unknown", [b"x"], "", 400, "bad-name"),
        ("a/b", [b"x"], "", 400, "bad-name"),
        ("x" * 201, [b"x"], "", 400, "bad-name"),
    ],
    ids=str,
)
def test_what_cannot_be_enrolled_changes_nothing(
    untouched: FlaskClient, name: str, photos: list[bytes], query: str, status: int, kind: str
) -> None:
    refused = send(untouched, name, *photos, query=query)
    assert (refused["status"], refused["type"]) == (status, kind)
    assert untouched.get("/gallery").json["changes"]["last"] == 0
    assert len(people(untouched)) == PEOPLE


def test_of_several_faces_the_one_that_is_meant_is_kept_and_no_other(asked: FlaskClient, root: Path) -> None:
    refused = send(asked, NEW, two_people())
    assert (refused["status"], refused["type"]) == (422, "several-faces")
    assert "2 faces" in refused["detail"]
    large, small = (send(asked, NEW, two_people(), query=f"?face={which}") for which in (0, 1))
    assert large["faces"] == small["faces"], "the same photo of the same person is there already"
    other = send(asked, "Olga", two_people(), query="?face=1")
    boxes = [asked.get(f"/faces/{one['faces'][0]['id']}").json for one in (large, other)]
    assert boxes[0]["box"][2] > boxes[1]["box"][2]
    assert [len(one["in_photo"]) for one in boxes] == [1, 1]
    assert send(asked, "Olga", photo(FIRST), query="?face=1")["type"] == "bad-parameter"


def test_sent_photos_stay_when_the_folder_is_indexed_and_the_gallery_copied(asked: FlaskClient, root: Path) -> None:
    sent = send(asked, NEW, photo(FIRST))
    assert answered(asked, sent["change"])
    summary = update(root / "gallery", root / "faces")
    assert (summary.removed, summary.people_changed.went, summary.people) == ([], [], PEOPLE + 1)
    assert verify(root / "gallery").problems == []
    copy_gallery(root / "gallery", root / "copy" / "gallery")
    copied = client(root / "copy")
    assert people(copied)[NEW] == 1
    assert copied.get("/similar", query_string={"person": NEW}).status_code == 200


def traces(root: Path, *contents: bytes) -> list[Path]:
    """Files of the gallery that have one of these."""
    files = [file for file in (root / "gallery").rglob("*") if file.is_file()]
    return [file for file in files if any(content in file.read_bytes() for content in contents)]


def test_the_photo_itself_is_nowhere(asked: FlaskClient, root: Path) -> None:
    content = photo(FIRST)
    send(asked, NEW, content)
    assert traces(root, content[500:900]) == []


@pytest.mark.parametrize("way", ["person", "face", "command"])
def test_who_was_sent_is_forgotten_without_a_trace(asked: FlaskClient, root: Path, way: str) -> None:
    sent = send(asked, NEW, photo(FIRST))
    (face,) = sent["faces"]
    crop = asked.get(face["crop"]).data
    with closing(Gallery(root / "gallery")) as gallery:
        (vector,) = gallery.catalog.queries.vectors_of_faces([face["id"]])
    kept = (crop[600:900], vector.vector.tobytes())
    assert len(traces(root, *kept)) >= 2
    assert answered(asked, sent["change"])
    if way != "command":
        path = f"/people/{NEW}" if way == "person" else f"/faces/{face['id']}"
        receipt = asked.delete(path, headers=OWNER).json
        assert (receipt["clean"], receipt["faces"]) == (True, 1)
    else:
        assert forget(root / "gallery", NEW).clean
    assert traces(root, *kept) == []
    assert NEW not in people(asked)
    assert asked.get(f"/faces/{face['id']}").status_code == 404
    assert send(asked, NEW, photo(FIRST))["status"] == 201, "by hand they come back"
    assert people(asked)[NEW] == 1


def test_a_face_that_was_forgotten_in_a_photo_of_several_stays_away(asked: FlaskClient, root: Path) -> None:
    content = two_people()
    (root / "faces" / "Party").mkdir()
    (root / "faces" / "Party" / "1.jpg").write_bytes(content)
    update(root / "gallery", root / "faces")
    with closing(Gallery(root / "gallery")) as gallery:
        small = min(gallery.queries.faces_of_photo("Party/1.jpg"), key=lambda face: face.box[2])
    assert asked.delete(f"/faces/{small.id}", headers=OWNER).json["clean"]
    refused = send(asked, "Olga", content, query="?face=1")
    assert (refused["status"], refused["type"]) == (422, "forgotten")
    assert send(asked, "Olga", photo(SECOND))["status"] == 201, "another photo of the same person"


def test_who_was_forgotten_comes_back_only_with_the_right_to_forget(asked: FlaskClient, root: Path) -> None:
    key, text = new_key("volunteers", [Right.WRITE])
    KeyFile(root / "gallery" / "keys.json").add(key)
    writer = {"Authorization": f"Bearer {text}"}
    send(asked, NEW, photo(FIRST), key=writer)
    assert asked.delete(f"/people/{NEW}", headers=OWNER).json["clean"]
    for name, number in ((NEW, 1), (NEW.upper(), 0), ("Somebody else", 0)):
        refused = send(asked, name, photo(FIRST, number), key=writer)
        assert (refused["status"], refused["type"]) == (422, "forgotten"), name
    assert len(people(asked)) == PEOPLE
    assert send(asked, NEW, photo(FIRST), key=OWNER)["status"] == 201
    assert send(asked, NEW, photo(FIRST, 1), key=writer)["status"] == 201


def test_whoever_sends_without_a_pause_keeps_nobody_waiting(asked: FlaskClient, root: Path) -> None:
    publication = LatePublication(root / "gallery", quiet_s=3600, latest_s=1.0)
    asked.application.extensions["niteru-publication"] = publication
    first = send(asked, NEW, photo(FIRST))
    send(asked, NEW, photo(FIRST, 1))
    assert answered(asked, first["change"])


def test_changes_that_cancel_out_are_answered_too(asked: FlaskClient) -> None:
    name = min(people(asked))
    assert asked.post("/names", json={"who": [name], "name": "Ada"}, headers=OWNER).status_code == 200
    assert asked.delete("/names/last", headers=OWNER).status_code == 200
    assert answered(asked, asked.get("/gallery").json["changes"]["last"])
    assert name in people(asked)


def test_deleting_a_face_that_is_not_there_or_without_the_right(asked: FlaskClient) -> None:
    assert asked.delete("/faces/999999", headers=OWNER).json["type"] == "face-not-found"
    assert asked.delete("/faces/x", headers=OWNER).json["type"] == "face-not-found"
    assert asked.delete("/faces/1").status_code == 401
    assert send(asked, NEW, photo(FIRST), key={})["status"] == 401


def test_a_gallery_that_is_held_is_busy_and_nothing_is_lost(asked: FlaskClient, root: Path) -> None:
    with gallery_lock(root / "gallery"):
        busy = send(asked, NEW, photo(FIRST))
        assert (busy["status"], busy["type"]) == (503, "gallery-busy")
    sent = send(asked, NEW, photo(FIRST))
    with gallery_lock(root / "gallery"):
        assert not soon(lambda: asked.get("/gallery").json["changes"]["answered"], 1.0)
    assert answered(asked, sent["change"]), "it is tried again"


def test_a_gallery_may_begin_with_what_is_sent(tmp_path: Path) -> None:
    asked = quick(client(tmp_path, KEY), tmp_path)
    assert asked.get("/gallery").json["changes"] == {"last": 0, "answered": 0}
    for name, number in ((NEW, FIRST), ("Olga", SECOND)):
        sent = send(asked, name, photo(number), photo(number, 1))
        assert sent["status"] == 201, sent
    assert answered(asked, sent["change"])
    best = asked.get("/similar", query_string={"person": NEW}).json["results"][0]
    assert best["person"] == "Olga"
    draw_folder(tmp_path / "faces", 2, 1)
    assert update(tmp_path / "gallery", tmp_path / "faces").people == 4
    assert verify(tmp_path / "gallery").problems == []


def test_curl_enrols_and_waits(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/http.md shows it, with a service of two processes."""
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    (root / "me.jpg").write_bytes(photo(FIRST))
    process, address = start(root / "gallery", root / "log", (NITERU,), "--workers", "2")
    try:
        curl = ["curl", "-sS", "--max-time", "60", "-H", f"Authorization: Bearer {KEY}"]
        words = [*curl, "-F", f"image=@{root / 'me.jpg'}", f"{address}/people/Ada%20Lovelace/photos"]
        done = subprocess.run(words, check=True, capture_output=True)
        sent = json.loads(done.stdout)
        assert len(sent["faces"]) == 1

        def has_come() -> bool:
            with urllib.request.urlopen(f"{address}/gallery", timeout=20) as reply:
                return json.load(reply)["changes"]["answered"] >= sent["change"]

        assert soon(has_come)
        with urllib.request.urlopen(f"{address}/similar?person=Ada%20Lovelace", timeout=20) as reply:
            assert json.load(reply)["query"]["person"] == "Ada Lovelace"
    finally:
        process.terminate()
        assert process.wait(30) == 0
    said = (root / "log").read_text()
    assert "POST /people/<path:name>/photos 201" in said
    assert "Ada" not in said
    assert hashlib.sha256((root / "me.jpg").read_bytes()).hexdigest()[:16] not in said

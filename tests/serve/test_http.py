"""Service as programs meet it: a real server on a socket."""

import io
import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from niteru.indexer.update.enrol import update
from niteru.serve.http.schemas import PeopleSchema
from support.command import start
from support.drawn import DrawnFolder, write_crops


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.data)


@dataclass
class Service:
    """Running ``niteru serve`` over crops of drawn people."""

    address: str
    faces: DrawnFolder
    gallery: Path

    def ask(self, path: str, data: bytes | None = None, method: str | None = None, **headers: str) -> Reply:
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return Reply(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, dict(error.headers), error.read())

    def get(self, path: str, **query: object) -> Reply:
        return self.ask(f"{path}?{urllib.parse.urlencode(query)}" if query else path)

    def upload(self, *files: bytes, field: str = "image", query: str = "") -> Reply:
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="a.jpg"\r\n\r\n'.encode()
            + data
            + b"\r\n"
            for data in files
        ]
        body = b"".join([*parts, f"--{mark}--\r\n".encode()])
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        return self.ask(f"/similar{query}", body, "POST", **headers)


@pytest.fixture(scope="module")
def service(tmp_path_factory, drawn_crops) -> Iterator[Service]:
    root = tmp_path_factory.mktemp("service")
    faces = write_crops(root / "faces", drawn_crops)
    update(root / "gallery", root / "faces", crops=True)
    process, address = start(root / "gallery", root / "log")
    yield Service(address, faces, root / "gallery")
    process.terminate()
    assert process.wait(15) == 0, "a graceful stop"
    log = (root / "log").read_text()
    assert "GET /similar 200" in log
    assert "GET /people/<path:name> 200" in log, "the route, not the name"
    assert "image=" not in log, "no query string in the log"
    assert "Traceback" not in log


def png(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes()


def test_the_answer_of_the_design(service: Service) -> None:
    ref = service.faces.ref(0)
    reply = service.get("/similar", image=ref, k=5)
    assert reply.status == 200
    answer = reply.json
    parts = {"request_id", "gallery", "query", "nobody_alike", "results", "same_person", "timing_ms"}
    assert set(answer) == parts
    assert answer["request_id"] == reply.headers["X-Request-Id"]
    assert answer["gallery"]["people"] == 6
    assert answer["gallery"]["faces"] == 18
    assert answer["gallery"]["generation"] == 1
    assert re.fullmatch(r"niteru-v\d+:[0-9a-f]{16}", answer["gallery"]["model"])
    assert answer["query"]["person"] == service.faces.names[0]
    assert answer["query"]["faces_found"] == 1
    assert set(answer["query"]["face"]) >= {"box", "landmarks", "score", "quality"}
    rows = answer["results"]
    assert answer["same_person"] == [row for row in rows if row["same_person"]]
    assert answer["query"]["asked"] == "photo"
    assert sorted(row["person"] for row in rows) == sorted(service.faces.names[1:])
    assert [row["rank"] for row in answer["results"]] == list(range(1, len(answer["results"]) + 1))
    similarities = [row["similarity"] for row in answer["results"]]
    assert similarities == sorted(similarities, reverse=True)
    for row in rows:
        assert 0 < row["rarity"] <= 1
        assert row["faces"][0]["photo"].startswith(row["person"] + "/")
    picture = service.get(rows[0]["faces"][0]["crop"])
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(picture.data)).size == (112, 112)


def test_a_face_id_asks_like_its_photo(service: Service) -> None:
    first = service.get("/similar", image=service.faces.ref(1)).json
    number = first["query"]["face"]["id"]
    second = service.get("/similar", image=f"face:{number}").json
    assert second["results"] == first["results"]
    assert service.get(f"/faces/{number}").json["photo"] == service.faces.ref(1)


def test_an_upload_finds_its_person(service: Service) -> None:
    data = (service.faces.folder / service.faces.ref(2)).read_bytes()
    answer = service.upload(data).json
    assert answer["query"]["person"] is None
    found = answer["results"][0]
    assert found["same_person"]
    assert found["person"] == service.faces.names[2]
    assert found["similarity"] == pytest.approx(1, abs=1e-3)
    assert set(answer["timing_ms"]) == {"decode", "detect", "embed", "search"}


def test_several_photos_are_one_person(service: Service) -> None:
    photos = [(service.faces.folder / service.faces.ref(3, photo)).read_bytes() for photo in (1, 2, 3)]
    answer = service.upload(*photos, query="?mode=all").json
    assert answer["query"]["faces_found"] == 3
    assert answer["results"][0]["person"] == service.faces.names[3]
    assert service.upload(*photos * 3).json["type"] == "bad-parameter"


def test_modes_and_rows(service: Service) -> None:
    ref = service.faces.ref(0)
    own = service.get("/similar", image=ref, mode="all").json["results"][0]
    assert own["person"] == service.faces.names[0]
    assert own["similarity"] == pytest.approx(1, abs=1e-4)
    faces = service.get("/similar", image=ref, by="face", mode="all", k=18).json["results"]
    assert len(faces) == 18
    assert all(len(row["faces"]) == 1 for row in faces)
    assert len(service.get("/similar", image=ref, k=2).json["results"]) <= 2
    rare = service.get("/similar", image=ref, max_rarity=1e-9).json
    assert rare["results"] == []


BAD_QUESTIONS = [
    ("/similar", {}, 400, "missing-image"),
    ("/similar", {"image": ""}, 400, "missing-image"),
    ("/similar", {"image": "nobody/1.jpg"}, 404, "image-not-found"),
    ("/similar", {"image": "../../etc/passwd"}, 404, "image-not-found"),
    ("/similar", {"image": "/etc/passwd"}, 404, "image-not-found"),
    ("/similar", {"image": "file:///etc/passwd"}, 404, "image-not-found"),
    ("/similar", {"image": "http://127.0.0.1/a.jpg"}, 404, "image-not-found"),
    ("/similar", {"image": "face:0"}, 404, "image-not-found"),
    ("/similar", {"image": "face:-1"}, 404, "image-not-found"),
    ("/similar", {"image": "face:" + "9" * 30}, 404, "image-not-found"),
    ("/similar", {"image": "face:1 OR 1=1"}, 404, "image-not-found"),
    ("/similar", {"image": "face:١"}, 404, "image-not-found"),
    ("/similar", {"image": "face:²"}, 404, "image-not-found"),
    ("/similar", {"image": "a\0b"}, 404, "image-not-found"),
    ("/similar", {"image": "face:1", "k": "0"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "k": "101"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "k": "ten"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "k": "-3"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "k": "1.5"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "k": "²"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "by": "family"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "mode": "ALL"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "face": "left"}, 400, "bad-parameter"),
    ("/similar", {"image": "x" * 5000}, 404, "image-not-found"),
    ("/similar", {"image": "face:1", "max_rarity": "nan"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "max_rarity": "0"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "max_rarity": "inf"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "colour": "red"}, 400, "bad-parameter"),
    ("/similar", {"image": "face:1", "face": "center"}, 400, "bad-parameter"),
    ("/people/nobody", {}, 404, "person-not-found"),
    ("/people/a/b/../c", {}, 404, "person-not-found"),
    ("/faces/99999", {}, 404, "face-not-found"),
    ("/faces/one", {}, 404, "face-not-found"),
    ("/faces/99999.jpg", {}, 404, "face-not-found"),
    ("/faces/%2e%2e%2fcatalog.jpg", {}, 404, "not-found"),
    ("/nowhere", {}, 404, "not-found"),
    ("/static/../app.py", {}, 404, "not-found"),
    *(
        ("/similar", {"image": "face:1", "k": k}, 400, "bad-parameter")
        for k in (" 5", "5.0", "+5", "1e1", "٥", "５", "5_0", "", "-0", "true", "0x5", "9" * 30, "5\0")
    ),
    *(
        ("/similar", {"image": "face:1", "max_rarity": share}, 400, "bad-parameter")
        for share in ("nan", "inf", "-1", "0", "1.1", "1e400", "", " .5", "0_1", "0,5", "½", "1e-400")
    ),
    *(
        ("/similar", {"image": "face:1", "explain": one}, 400, "bad-parameter")
        for one in ("true", "", "2", "-1", "yes")
    ),
    *(("/similar", {"image": "face:1", "by": by}, 400, "bad-parameter") for by in ("PERSON", "", "faces", "\0")),
    *(
        ("/similar", {"image": "face:1", name: "1"}, 400, "bad-parameter")
        for name in ("IMAGE", "k[]", "face", "_", "q")
    ),
    *(
        ("/similar", {"image": ref}, 404, "image-not-found")
        for ref in (
            *(
                "face:１",
                "face:-1",
                "face:1.0",
                "face:",
                "face:9" * 9,
                "FACE:1",
                "\0",
                "../../etc/passwd",
                "/etc/passwd",
            ),
            *(
                "http://127.0.0.1/x",
                "file:///etc/passwd",
                "C:\\x",
                "a" * 5000,
                "\ud800".encode("utf-8", "surrogatepass"),
            ),
        )
    ),
    ("/similar?image=face:1&image=face:2", {}, 400, "bad-parameter"),
    ("/similar?image=face:1&explain=1&k=21", {}, 400, "bad-parameter"),
    ("/similar?image=face:1&k=5&k=6", {}, 400, "bad-parameter"),
    ("/people/%00", {}, 404, "person-not-found"),
    ("/people/" + "x" * 6000, {}, 404, "person-not-found"),
    ("/faces/%EF%BC%91.jpg", {}, 404, "face-not-found"),
    ("/faces/1.png", {}, 404, "face-not-found"),
    ("/static/%2e%2e/app.py", {}, 404, "not-found"),
    ("/report/", {}, 404, "not-found"),
    ("/similar/", {}, 404, "not-found"),
]


@pytest.mark.parametrize(("path", "query", "status", "kind"), BAD_QUESTIONS)
def test_bad_questions_are_problems(service: Service, path: str, query: dict, status: int, kind: str) -> None:
    reply = service.get(path, **query)
    assert (reply.status, reply.json["type"]) == (status, kind)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["status"] == status
    assert reply.json["title"]
    assert "Traceback" not in reply.data.decode()


def test_bad_uploads_are_problems(service: Service) -> None:
    half = (service.faces.folder / service.faces.ref(0)).read_bytes()[:2000]
    cases = [
        ((b"",), {}, 400, "empty-file"),
        ((b"x",), {"field": "photo"}, 400, "missing-image"),
        ((b"this is text",), {}, 415, "unsupported-type"),
        ((b"GIF89a",), {}, 415, "unsupported-type"),
        ((half,), {}, 422, "corrupt-image"),
        ((png(np.zeros((4, 4, 3), np.uint8)),), {}, 422, "face-too-small"),
        ((png(np.zeros((8000, 7000, 3), np.uint8)),), {}, 413, "too-many-pixels"),
        ((png(np.zeros((17, 17, 3), np.uint8)),), {}, 422, "face-too-small"),
        ((png(np.zeros((112, 112, 3), np.uint8)),), {"query": "?face=3"}, 400, "bad-parameter"),
    ]
    for files, options, status, kind in cases:
        reply = service.upload(*files, **options)
        assert (reply.status, reply.json["type"]) == (status, kind), (kind, reply.data)
    reply = service.ask("/similar", b"not a form", "POST", **{"Content-Type": "text/plain"})
    assert (reply.status, reply.json["type"]) == (400, "missing-image")
    reply = service.ask("/similar", b"{}", "PUT")
    assert (reply.status, reply.json["type"]) == (405, "method-not-allowed")
    assert "POST" in reply.headers["Allow"]
    whole = (service.faces.folder / service.faces.ref(0)).read_bytes()
    assert service.upload(whole, query="?image=face:1").json["type"] == "bad-parameter"


def test_what_is_no_answer_to_keep_is_kept_by_nobody(service: Service) -> None:
    for path in ("/gallery", "/similar", "/people/nobody", "/card.png?image=face:1", "/nothing"):
        assert service.ask(path).headers["Cache-Control"] == "no-store", path
    assert service.ask("/faces/1.jpg", **{"If-Match": '"x"'}).status == 200
    beyond = service.ask("/faces/1.jpg", Range="bytes=999999-")
    assert (beyond.status, beyond.json["type"]) == (416, "bad-range")


def test_a_page_from_elsewhere_cannot_ask_under_its_own_name(service: Service) -> None:
    reply = service.ask("/people", Host="evil.example")
    assert (reply.status, reply.json["type"]) == (400, "bad-request")
    assert service.ask("/people", Host="localhost:1").status == 200
    assert service.ask("/similar?image=face:1", SCRIPT_NAME="/x").status < 500


def test_people_and_page(service: Service) -> None:
    listed = service.get("/people").json
    assert not PeopleSchema().validate(listed)
    people = listed["people"]
    assert [row["person"] for row in people] == sorted(service.faces.names)
    assert all(row["faces"] == 3 for row in people)
    name = urllib.parse.quote(service.faces.names[1])
    assert len(service.get(f"/people/{name}").json["faces"]) == 3
    page = service.get("/")
    html = page.data.decode()
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r'(src|href)="(https?:)?//', html), "nothing from elsewhere"
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', html):
        assert service.get(asset).status == 200


def test_a_new_generation_is_picked_up(service: Service) -> None:
    before = service.get("/readyz").json["generation"]
    (service.faces.folder / service.faces.ref(5, 3)).unlink()
    update(service.gallery, service.faces.folder, crops=True)
    assert service.get("/readyz").json["generation"] == before + 1
    assert service.get("/similar", image=service.faces.ref(5, 3)).status == 404
    index = service.gallery / "generations" / f"{before + 2:06d}"
    (service.gallery / "CURRENT").write_text(f"{before + 2}\n")
    assert not index.exists()
    reply = service.get("/similar", image=service.faces.ref(0))
    assert (reply.status, reply.json["gallery"]["generation"]) == (200, before + 1), "the last good one serves on"
    (service.gallery / "CURRENT").write_text(f"{before + 1}\n")


def test_without_a_gallery_it_is_not_ready(tmp_path: Path) -> None:
    process, address = start(tmp_path / "none", tmp_path / "log")
    try:
        service = Service(address, DrawnFolder(tmp_path, []), tmp_path)
        for path in ("/readyz", "/people", "/similar?image=face:1"):
            reply = service.get(path)
            assert (reply.status, reply.json["type"]) == (503, "not-ready")
            assert reply.headers["Retry-After"]
        assert service.get("/healthz").status == 200
    finally:
        process.terminate()
        process.wait(15)

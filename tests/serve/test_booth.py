"""A booth: who is let in, what is answered and kept, cards that go, settings, and its certificate by a real HTTPS."""

import io
import json
import socket
import ssl
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.serve.booth.booth import BoothAddress, new_code
from niteru.serve.booth.cards import MOST, SharedCards
from niteru.serve.booth.certificate import fingerprint, own_certificate
from niteru.serve.booth.settings import Settings, read_settings
from niteru.serve.http.context import THROUGH_TLS
from niteru.serve.http.limits import CODE_LIMIT
from niteru.serve.words import sentences
from support.command import NITERU, niteru, start
from support.drawn import DrawnFolder
from support.service import client
from support.waiting import soon

CODE = "K7QM-3XPD"
OUTSIDE = {THROUGH_TLS: True, "REMOTE_ADDR": "198.51.100.7"}
"""What the server says of a client who came by HTTPS."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "booth"


@pytest.fixture
def booth(place: Path, folder: Path) -> FlaskClient:
    """Client of a service with a booth, on the same machine."""
    return client(place, BOOTH=BoothAddress("https://192.0.2.5:8443", CODE, folder))


@pytest.fixture(scope="module")
def photo(drawn_crops: dict[str, list[np.ndarray]]) -> bytes:
    crop = next(iter(drawn_crops.values()))[0]
    return cv2.imencode(".png", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))[1].tobytes()


def answered(asked: FlaskClient, photo: bytes, **more):
    return asked.post("/booth/answer?language=ja", data={"image": (io.BytesIO(photo), "photo.jpg")}, **more)


def kept_in(place: Path) -> dict[Path, bytes]:
    """Files of the gallery, but for SQLite's own notes on who reads."""
    files = (place / "gallery").rglob("*")
    return {file: file.read_bytes() for file in files if file.is_file() and not file.name.endswith("-shm")}


def link(reply) -> str:
    """Path of the card of an answer."""
    return reply.json["card"]["address"].removeprefix("https://192.0.2.5:8443")


def test_a_visitor_is_answered_and_takes_a_card_along(booth: FlaskClient, place: Path, photo: bytes) -> None:
    before = kept_in(place)
    reply = answered(booth, photo)
    assert reply.status_code == 200, reply.json
    assert len(reply.json["found"]) == 3
    assert all(one["picture"].startswith("data:image/jpeg;base64,") for one in reply.json["found"])
    assert set(reply.json["found"][0]["degree"]) == {"en", "ja", "zh-Hant"}
    assert reply.json["card"]["code"].startswith("data:image/svg+xml")
    page = booth.get(link(reply), environ_overrides=OUTSIDE)
    assert page.status_code == 200
    assert 'lang="ja"' in page.text
    card = booth.get(f"{link(reply)}.png", environ_overrides=OUTSIDE)
    assert Image.open(io.BytesIO(card.data)).size == (1080, 1920)
    assert card.headers["Cache-Control"] == "no-store"
    assert booth.get("/booth/card/guessed", environ_overrides=OUTSIDE).status_code == 404
    assert kept_in(place) == before


def test_a_card_goes_when_its_owner_says_so(booth: FlaskClient, photo: bytes) -> None:
    path = link(answered(booth, photo))
    assert booth.get(path, environ_overrides=OUTSIDE).status_code == 200
    gone = booth.post(f"{path}/gone", environ_overrides=OUTSIDE)
    assert gone.status_code == 200
    assert sentences("booth")["cardGone"]["ja"] in gone.text
    for address in (path, f"{path}.png"):
        assert booth.get(address, environ_overrides=OUTSIDE).status_code == 404
    assert len(booth.application.extensions["niteru-booth"].cards) == 0, "nothing of the visitor is left"


def test_by_https_nothing_else_opens(booth: FlaskClient) -> None:
    of_booth = ("booth.", "static", "pages.cjk_font", "health.")
    for rule in booth.application.url_map.iter_rules():
        if "GET" in rule.methods and not rule.endpoint.startswith(of_booth):
            path = rule.rule.replace("<number>", "1").replace("<any(csv,json,pdf,png):wanted>", "csv")
            path = path.replace("<path:name>", "x").replace("<name>", "x").replace("<path:path>", "x")
            assert booth.get(path, environ_overrides=OUTSIDE).status_code == 401, rule.rule
    assert booth.get("/static/design.css", environ_overrides=OUTSIDE, buffered=True).status_code == 200
    assert booth.get("/people").status_code == 200, "on this machine all is as ever"


def test_a_device_from_elsewhere_brings_the_code(booth: FlaskClient, photo: bytes) -> None:
    assert 'data-let-in="yes"' in booth.get("/booth").text
    assert 'data-let-in="no"' in booth.get("/booth", environ_overrides=OUTSIDE).text
    refused = answered(booth, photo, environ_overrides=OUTSIDE)
    assert (refused.status_code, refused.json["type"]) == (403, "wrong-code")
    wrong = booth.post("/booth/pass", json={"code": "AAAA-AAAA"}, environ_overrides=OUTSIDE)
    assert (wrong.status_code, wrong.json["type"]) == (403, "wrong-code")
    right = booth.post("/booth/pass", json={"code": " k7qm3xpd"}, environ_overrides=OUTSIDE)
    assert right.status_code == 204
    cookie = right.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/booth"))
    booth.set_cookie("niteru-booth", cookie.split("=", 1)[1].split(";")[0], path="/booth")
    assert 'data-let-in="yes"' in booth.get("/booth", environ_overrides=OUTSIDE).text
    assert answered(booth, photo, environ_overrides=OUTSIDE).status_code == 200
    assert booth.get("/people", environ_overrides=OUTSIDE).status_code == 401, "it is let into the booth alone"


def test_a_code_is_not_guessed(booth: FlaskClient) -> None:
    most = int(CODE_LIMIT.split()[0])
    codes = [booth.post("/booth/pass", json={"code": new_code()}).status_code for _ in range(most + 1)]
    assert codes == [403] * most + [429]
    assert booth.post("/booth/settings", json={"code": CODE}).status_code == 429, "both count together"


def test_staff_choose_and_it_lasts(booth: FlaskClient, place: Path, folder: Path, photo: bytes) -> None:
    wanted = {"language": "zh-Hant", "mirror": False, "countdown": 0, "rest": 30, "card": 0, "where": []}
    assert booth.post("/booth/settings", json={"code": "AAAA-AAAA", "settings": wanted}).status_code == 403
    for wrong in ({"rest": 5}, {"countdown": 99}, {"language": "xx"}, {"where": ["nothing:here"]}, {"other": 1}):
        reply = booth.post("/booth/settings", json={"code": CODE, "settings": {**wanted, **wrong}})
        assert (reply.status_code, reply.json["type"]) == (400, "bad-parameter"), wrong
    assert read_settings(folder / "settings.json") == Settings(), "nothing of that was kept"
    assert booth.post("/booth/settings", json={"code": CODE, "settings": wanted}).json == wanted
    assert answered(booth, photo).json["card"] is None
    again = client(place, BOOTH=BoothAddress("https://192.0.2.5:8443", CODE, folder))
    assert '"language": "zh-Hant"' in again.get("/booth").text
    (folder / "settings.json").write_text("{")
    assert read_settings(folder / "settings.json") == Settings()


def test_a_service_without_a_booth_has_none(asked: FlaskClient) -> None:
    assert asked.get("/booth").status_code == 404


def test_cards_die_in_time_and_with_their_gallery() -> None:
    now = [0.0]
    cards = SharedCards(lambda: now[0])
    token = cards.put(b"png", "en", generation=1, minutes=5)
    assert len(token) == 32
    now[0] = 299.0
    assert cards.get(token, generation=1) is not None
    now[0] = 300.0
    assert cards.get(token, generation=1) is None
    assert len(cards) == 0
    token = cards.put(b"png", "en", generation=1, minutes=5)
    assert cards.get(token, generation=2) is None, "somebody on it may have been forgotten"
    tokens = [cards.put(b"png", "en", generation=1, minutes=5) for _ in range(MOST + 1)]
    assert (len(cards), cards.get(tokens[0], 1), len(set(tokens))) == (MOST, None, MOST + 1)


def test_whoever_is_forgotten_is_on_no_card(tmp_path: Path, faces: DrawnFolder, photo: bytes) -> None:
    update(tmp_path / "gallery", faces.folder, crops=True)
    booth = client(tmp_path, BOOTH=BoothAddress("https://192.0.2.5:8443", CODE, tmp_path / "booth"))
    reply = answered(booth, photo)
    assert booth.get(f"{link(reply)}.png").status_code == 200
    assert forget(tmp_path / "gallery", reply.json["found"][0]["name"]["en"]).clean
    assert booth.get(f"{link(reply)}.png").status_code == 404
    booth.application.extensions["niteru"].close()


def test_cards_go_without_being_asked_for() -> None:
    cards = SharedCards()
    for minutes in (0.002, 0.004):
        cards.put(b"png", "en", generation=1, minutes=minutes)
    assert len(cards) == 2
    assert soon(lambda: len(cards) == 0)


def test_every_sentence_of_the_booth_is_there_in_each_language() -> None:
    for key, said in sentences("booth").items():
        assert tuple(said) == ("en", "ja", "zh-Hant"), key
        assert all(said.values()), key


def test_the_certificate_is_kept_and_made_anew_when_the_machine_moves(folder: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    first = own_certificate(folder, "192.168.1.5", now)
    chain, trusted = first.chain.read_bytes(), fingerprint(first.authority)
    assert own_certificate(folder, "192.168.1.5", now + timedelta(300)).chain.read_bytes() == chain
    moved = own_certificate(folder, "192.168.1.6", now)
    assert moved.chain.read_bytes() != chain
    assert fingerprint(moved.authority) == trusted, "who trusted it once need not do so again"
    chain = moved.chain.read_bytes()
    assert own_certificate(folder, "192.168.1.6", now + timedelta(380)).chain.read_bytes() != chain, "it ran out"
    assert fingerprint(own_certificate(folder, "booth.example.org", now).authority) != trusted, (
        "it may not vouch for it"
    )
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@pytest.fixture(scope="module")
def opened(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """Real booth: its address on this machine, by HTTPS, and the folder of its certificate."""
    root = tmp_path_factory.mktemp("opened")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NITERU_CONFIG", str(root))
        more = ("--booth", "--https-port", port, "--host", "127.0.0.1")
        process, address = start(place / "gallery", root / "log", (NITERU,), *more)
    yield address, f"https://127.0.0.1:{port}", root / "booth"
    process.terminate()
    process.wait(15)


def test_https_is_encrypted_trusted_and_outside(opened: tuple[str, str, Path], photo: bytes) -> None:
    local, https, folder = opened
    trusting = ssl.create_default_context(cafile=folder / "authority.pem")
    with urllib.request.urlopen(f"{https}/booth", context=trusting, timeout=10) as page:
        assert 'data-let-in="no"' in page.read().decode()
    with pytest.raises(urllib.error.URLError, match="certificate verify failed"):
        urllib.request.urlopen(f"{https}/booth", context=ssl.create_default_context(), timeout=10)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{https}/people", context=trusting, timeout=10)
    with urllib.request.urlopen(f"{local}/people", timeout=10) as people:
        assert json.load(people)["people"]
    with urllib.request.urlopen(f"{https}/booth/authority.crt", context=trusting, timeout=10) as sent:
        assert sent.read() == (folder / "authority.pem").read_bytes()


def test_who_speaks_no_tls_holds_nobody_up(opened: tuple[str, str, Path]) -> None:
    _, https, folder = opened
    host, port = https.removeprefix("https://").split(":")
    trusting = ssl.create_default_context(cafile=folder / "authority.pem")
    silent = [socket.create_connection((host, int(port))) for _ in range(30)]
    with socket.create_connection((host, int(port))) as plain:
        plain.sendall(b"GET /booth HTTP/1.1\r\nHost: x\r\n\r\n")
        plain.settimeout(10)
        assert b"HTTP/1.1 200" not in plain.recv(1000), "nothing is told without encryption"
    begun = b"POST /booth/answer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
    for _ in range(20):  # and who leaves amid a request
        with trusting.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as leaving:
            leaving.sendall(begun)
    with urllib.request.urlopen(f"{https}/healthz", context=trusting, timeout=10) as answer:
        assert answer.status == 200
    for one in silent:
        one.close()
    assert "Traceback" not in (folder.parent / "log").read_text()


def test_what_cannot_be_opened_is_told(place: Path, tmp_path: Path) -> None:
    other = {"NITERU_CONFIG": str(tmp_path)}
    (tmp_path / "x.pem").write_text("no certificate")
    words = ("serve", "--booth", "--gallery", place / "gallery")
    refused = niteru(*words, "--certificate", tmp_path / "x.pem", env=other)
    assert (refused.returncode, "give both" in refused.stderr) == (2, True)
    both = ("--certificate", tmp_path / "x.pem", "--certificate-key", tmp_path / "x.pem")
    refused = niteru(*words, *both, "--https-port", "18987", env=other)
    assert (refused.returncode, "cannot be used" in refused.stderr) == (1, True)
    assert niteru(*words, "--workers", "2", env=other).returncode == 2

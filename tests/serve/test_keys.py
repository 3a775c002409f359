"""Keys with names and rights: what each opens, how it is withdrawn, and who is told what."""

import json
import logging
import re
import shutil
import stat
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.copying import copy_gallery
from niteru.serve.keys.key import BadKey, Key, Right, hash_of, new_key
from niteru.serve.keys.key_file import KeyExists, KeyFile, KeyNotFound, KeysUnreadable
from niteru.serve.keys.owners_key import KeyMissing
from support.command import NITERU, start
from support.processes import answering
from support.service import KEY, client
from support.waiting import soon

AWAY = {"X-Forwarded-For": "198.51.100.7"}
WISH = {"who": ["nobody at all"], "name": "Ada"}
"""Whoever may write is told that there is no such person."""


@pytest.fixture
def root(place: Path, tmp_path: Path) -> Path:
    shutil.copytree(place / "gallery", tmp_path / "gallery")
    return tmp_path


@pytest.fixture
def file(root: Path) -> KeyFile:
    return KeyFile(open_backend(root / "gallery").keys_file)


def given(file: KeyFile, name: str, *may: Right) -> dict[str, str]:
    """Make a key; the header that sends it."""
    key, text = new_key(name, may)
    file.add(key)
    return sending(text)


def sending(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def answers(asked: FlaskClient, headers: dict[str, str]) -> dict[Right, tuple[int, str]]:
    """Status and type of the answer to a wish for each right, as from another machine."""
    replies = {
        Right.READ: asked.get("/people", headers={**headers, **AWAY}),
        Right.WRITE: asked.post("/names", json=WISH, headers=headers),
        Right.DELETE: asked.delete("/people/nobody at all", headers=headers),
    }
    return {right: (reply.status_code, reply.json.get("type", "")) for right, reply in replies.items()}


OPENED = {Right.READ: (200, ""), Right.WRITE: (404, "person-not-found"), Right.DELETE: (404, "person-not-found")}


def test_a_key_opens_what_it_may_and_nothing_else(root: Path, file: KeyFile) -> None:
    asked = client(root, KEY)
    for number, chosen in enumerate(product((False, True), repeat=3)):
        may = {right for right, wanted in zip(Right, chosen, strict=True) if wanted}
        if may:
            found = answers(asked, given(file, f"key-{number}", *may))
            assert found == {right: OPENED[right] if right in may else (403, "right-missing") for right in Right}
    assert answers(asked, sending(KEY)) == OPENED, "the owner's may do everything"
    assert set(answers(asked, sending("wrong")).values()) == {(401, "unauthorised")}
    assert set(answers(asked, {}).values()) == {(401, "unauthorised")}


def test_whoever_lacks_a_right_is_told_what_their_key_may(root: Path, file: KeyFile) -> None:
    reply = client(root).post("/names", json=WISH, headers=given(file, "website", Right.READ, Right.DELETE))
    assert reply.json["detail"].startswith("the key website may delete and read, but not write")
    assert "WWW-Authenticate" not in reply.headers, "another password would not help"


def test_a_withdrawn_key_is_refused_at_once(root: Path, file: KeyFile) -> None:
    asked = client(root)
    header, other = given(file, "website", *Right), given(file, "other", *Right)
    assert answers(asked, header) == OPENED
    file.remove("website")
    assert set(answers(asked, header).values()) == {(401, "unauthorised")}
    assert answers(asked, other) == OPENED
    assert answers(asked, given(file, "website", *Right)) == OPENED, "a new one of the same name"
    assert set(answers(asked, header).values()) == {(401, "unauthorised")}, "and not the old one"


def test_an_expired_key_is_refused_and_says_so(root: Path, file: KeyFile) -> None:
    now = datetime.now(UTC)
    for name, until in (("past", now - timedelta(seconds=1)), ("coming", now + timedelta(minutes=5))):
        file.add(Key(name, frozenset(Right), hash_of(name), date.today(), until))
    asked = client(root)
    assert answers(asked, sending("coming")) == OPENED
    refused = asked.post("/names", json=WISH, headers=sending("past"))
    assert (refused.status_code, refused.json["type"]) == (401, "unauthorised")
    assert "the key past has expired" in refused.json["detail"]
    assert refused.headers["WWW-Authenticate"].startswith("Basic")


def test_the_last_day_counts_whole() -> None:
    today = datetime.now().astimezone().date()
    key, _ = new_key("guest", [Right.READ], today)
    assert not key.expired
    assert key.until == datetime.combine(today + timedelta(days=1), datetime.min.time()).astimezone()
    with pytest.raises(BadKey, match="is over"):
        new_key("guest", [Right.READ], today - timedelta(days=1))
    with pytest.raises(BadKey, match="too far"):
        new_key("guest", [Right.READ], date.max)


@pytest.mark.parametrize("name", ["owner", "", "a b", "a\nb", "-a", "ä", "a" * 65, "a=b"])
def test_a_name_that_could_break_a_log_is_refused(name: str) -> None:
    with pytest.raises(BadKey):
        new_key(name, [Right.READ])


def test_the_file_is_the_owners_alone_and_has_no_key(file: KeyFile) -> None:
    text = given(file, "website", Right.READ)["Authorization"].removeprefix("Bearer ")
    assert stat.S_IMODE(file.file.stat().st_mode) == 0o600
    assert text not in file.file.read_text()
    assert hash_of(text) in file.file.read_text()
    with pytest.raises(KeyExists, match="niteru key remove website"):
        given(file, "website", Right.READ)
    with pytest.raises(KeyNotFound, match="niteru key list"):
        file.remove("webshop")


def test_keys_that_are_made_at_once_are_all_there(file: KeyFile) -> None:
    names = [f"key-{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as several:
        list(several.map(lambda name: given(KeyFile(file.file), name, Right.READ), names))
        list(several.map(lambda name: KeyFile(file.file).remove(name), names[::2]))
    assert sorted(key.name for key in file.known()) == sorted(names[1::2])


def damaged(text: str) -> dict[str, str]:
    """The file after accidents, each of which might open more than it should."""
    record = json.loads(text)
    later = [{**record["keys"][0], "until": "9999-01-01T00:00:00+00:00"}]
    return {
        "half": text[: len(text) // 2],
        "empty": "",
        "not a list": '{"keys": 7, "seal": ""}',
        "another right": text.replace('"read"', '"delete"'),
        "another day": json.dumps({**record, "keys": later}),
        "no seal": json.dumps({"keys": record["keys"]}),
        "not text": "\ud800",
    }


def test_a_damaged_file_opens_nothing_and_says_so(root: Path, file: KeyFile, caplog: pytest.LogCaptureFixture) -> None:
    header, asked = given(file, "website", Right.READ), client(root, KEY)
    for what, content in damaged(file.file.read_text()).items():
        file.file.write_bytes(content.encode("utf-8", "surrogatepass"))
        with pytest.raises(KeysUnreadable, match="niteru key add"):
            given(file, "second", Right.READ)
        assert set(answers(asked, header).values()) == {(503, "keys-unreadable")}, what
        assert answers(asked, sending(KEY)) == OPENED, "the owner's lies elsewhere"
        assert asked.get("/people", headers=header).status_code == 200, "no key is asked for on this machine"
    refused = asked.get("/people", headers={**header, **AWAY})
    assert str(root) not in refused.text
    assert str(file.file) in caplog.text


def test_a_public_service_needs_some_key(root: Path, file: KeyFile) -> None:
    with pytest.raises(KeyMissing, match="niteru key add"):
        client(root, PUBLIC=True)
    header = given(file, "website", Right.READ)
    asked = client(root, PUBLIC=True)
    assert asked.get("/people", headers=header).status_code == 200
    assert asked.get("/people").status_code == 401
    with pytest.raises(KeyMissing, match="16 characters"):
        client(root, "short", PUBLIC=True)
    file.file.write_text("{")
    with pytest.raises(KeysUnreadable):
        client(root, PUBLIC=True)


def test_the_log_tells_keys_by_name_and_metrics_do_not(
    root: Path, file: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    header, asked = given(file, "website", Right.READ), client(root, KEY)
    with caplog.at_level(logging.INFO, "niteru.access"):
        asked.get("/people", headers=header)
        asked.post("/names", json=WISH, headers=sending(KEY))
        asked.post("/names", json=WISH, headers=header)
        asked.post("/names", json=WISH, headers=sending("wrong"))
        asked.get("/people")
    told = [record.getMessage() for record in caplog.records if record.name == "niteru.access"]
    keys = [match[1] if (match := re.search(r"ms key=(\S+)$", line)) else None for line in told]
    assert keys == ["website", "owner", "website", None, None]
    assert header["Authorization"].split()[1] not in caplog.text
    assert "website" not in asked.get("/metrics").text


def test_keys_cannot_be_tried_one_after_the_other(root: Path, file: KeyFile) -> None:
    header, asked = given(file, "website", Right.READ), client(root, KEY)
    tried = [asked.get("/people", headers={**sending(f"guess {number}"), **AWAY}).status_code for number in range(35)]
    assert tried == [401] * 30 + [429] * 5
    assert asked.get("/people", headers={**header, **AWAY}).status_code == 429, "or the right one would show itself"
    other = {"X-Forwarded-For": "198.51.100.8"}
    assert asked.get("/people", headers={**header, **other}).status_code == 200, "another address"
    here = [asked.post("/names", json=WISH, headers=sending("wrong")).status_code for _ in range(35)]
    assert set(here) == {401}, "on this machine one program must not keep the others out"


def test_whoever_asks_finds_out_what_their_key_may(root: Path, file: KeyFile) -> None:
    asked = client(root, KEY)
    assert asked.get("/key").json == {"name": None, "may": ["read"], "until": None}
    assert asked.get("/key", headers=sending("wrong")).json["name"] is None
    assert asked.get("/key", headers=sending(KEY)).json == {
        "name": "owner", "may": ["delete", "read", "write"], "until": None,
    }  # fmt: skip
    writer = given(file, "writer", Right.WRITE)
    assert asked.get("/key", headers=writer).json["may"] == ["read", "write"], "everybody reads on this machine"
    assert asked.get("/key", headers={**writer, **AWAY}).status_code == 403
    pages = {key: asked.get("/", headers=headers).text for key, headers in (("w", writer), ("o", sending(KEY)))}
    assert 'data-may="read write"' in pages["w"]
    assert 'data-may="delete read write"' in pages["o"]
    assert 'data-may="read"' in asked.get("/").text


def test_all_that_changes_the_gallery_says_which_right_it_takes(asked: FlaskClient) -> None:
    paths = asked.get("/openapi.json").json["paths"]
    free = {
        (method, path)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method not in ("get", "parameters") and "security" not in operation
    }
    asking = {"/similar", "/compare", "/card.png", "/shortlist.{wanted}", "/judgements"}
    assert free == {("post", path) for path in asking}


def test_a_copy_of_the_gallery_has_none_of_its_keys(root: Path, file: KeyFile) -> None:
    header = given(file, "website", *Right)
    copy_gallery(root / "gallery", root / "copy" / "gallery")
    assert set(answers(client(root / "copy"), header).values()) == {(401, "unauthorised")}


def test_galleries_in_milvus_have_theirs_where_nothing_is_only_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NITERU_CONFIG", str(tmp_path / "config"))
    lite, server, another = (
        open_backend(address).keys_file
        for address in (f"milvus:{tmp_path}/lite", "milvus://host:19530/fans", "milvus://host:19530/family")
    )
    assert lite == tmp_path / "lite" / "keys.json"
    assert server.parent == another.parent == tmp_path / "config" / "keys"
    assert server != another
    given(KeyFile(server), "website", Right.READ)
    assert [key.name for key in KeyFile(server).known()] == ["website"]
    assert KeyFile(another).known() == []


def status(address: str, key: str) -> int:
    """Status of a wish to name somebody who is not there, over a connection of its own."""
    headers = {"Content-Type": "application/json", **sending(key)}
    try:
        request = urllib.request.Request(f"{address}/names", json.dumps(WISH).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_each_process_of_a_service_knows_a_withdrawal_at_once(
    root: Path, file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    process, address = start(root / "gallery", root / "log", (NITERU,), "--workers", "2")
    try:
        workers = answering(process.pid)
        assert len(workers) == 2
        assert all(soon(lambda: status(address, KEY) == 404) for _ in range(2))
        key, text = new_key("website", [Right.WRITE])
        for one, other in (workers, workers[::-1]):
            assert status(address, text) == 401
            subprocess.run(["kill", "-STOP", str(other)], check=True)
            try:
                assert soon(lambda: status(address, KEY) == 404)
                file.add(key)
                assert status(address, text) == 404, f"process {one} alone knows the new key"
                file.remove("website")
                assert status(address, text) == 401
            finally:
                subprocess.run(["kill", "-CONT", str(other)], check=True)
    finally:
        process.terminate()
        assert process.wait(25) == 0
    log = (root / "log").read_text()
    assert len(re.findall(r"POST /names 404 .* key=website$", log, re.MULTILINE)) == 2
    assert text not in log

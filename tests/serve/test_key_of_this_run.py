"""The key that ``niteru serve`` makes where nobody has set one: it is printed at the start, and nothing else has it."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import NITERU, start
from support.processes import answering, children_of, command_of
from support.service import KEY
from support.waiting import soon

WORKERS = 2
PRINTED = re.compile(r"^(http://\S+)/#key=([0-9a-f]{32}) ", re.MULTILINE)


@pytest.fixture(scope="module")
def service(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen, str, Path]]:
    """A service of two processes without NITERU_API_KEY: its process, its address, and all that it writes."""
    log = tmp_path_factory.mktemp("log") / "log"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NITERU_API_KEY", raising=False)
        process, address = start(place / "gallery", log, (NITERU,), "--workers", str(WORKERS))
    yield process, address, log
    process.terminate()
    process.wait(25)


def status(address: str, key: str | None) -> int:
    """Status of a wish to name somebody who is not there, over a connection of its own."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    body = json.dumps({"who": ["nobody at all"], "name": "Ada"}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{address}/names", body, headers), timeout=20) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def made_key(log: Path) -> str:
    return PRINTED.search(log.read_text())[2]


def test_the_address_with_the_key_is_printed_beside_the_plain_one(
    service: tuple[subprocess.Popen, str, Path],
) -> None:
    _, address, log = service
    plain, with_key = log.read_text().splitlines()[:2]
    assert plain.startswith(f"{address}/  ")
    assert PRINTED.match(with_key)[1] == address


def test_all_processes_know_it_and_nobody_else_gets_in(service: tuple[subprocess.Popen, str, Path]) -> None:
    process, address, log = service
    key = made_key(log)
    workers = answering(process.pid)
    assert len(workers) == WORKERS
    for one in workers:  # each alone: the others are stopped meanwhile
        others = [other for other in workers if other != one]
        for other in others:
            subprocess.run(["kill", "-STOP", str(other)], check=True)
        try:
            assert soon(lambda: status(address, key) == 404), "nobody is called so, and that was looked up"
            assert [status(address, wrong) for wrong in (None, "", KEY, key[:-1])] == [401] * 4
        finally:
            for other in others:
                subprocess.run(["kill", "-CONT", str(other)], check=True)


def test_neither_logs_nor_lists_of_processes_have_it(service: tuple[subprocess.Popen, str, Path]) -> None:
    process, address, log = service
    key = made_key(log)
    assert status(address, key) == 404
    time.sleep(0.2)
    assert log.read_text().count(key) == 1, "in the address that is printed at the start alone"
    for one in (process.pid, *children_of(process.pid)):
        assert key.encode() not in command_of(one)
        assert key.encode() not in Path(f"/proc/{one}/environ").read_bytes()


def test_whoever_has_set_a_key_is_shown_none(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    process, address = start(place / "gallery", tmp_path / "log")
    try:
        assert status(address, KEY) == 404
        said = (tmp_path / "log").read_text()
        assert "#key" not in said
        assert KEY not in said
        assert said.rstrip().endswith("key=owner")
    finally:
        process.terminate()
        process.wait(25)

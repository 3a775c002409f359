"""Processes of the service: how they end, and what becomes of one that dies."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from niteru.indexer.gallery import Gallery
from support.command import NITERU, free_port, start
from support.processes import answering, command_of, kill
from support.service import KEY
from support.waiting import soon

Started = tuple[subprocess.Popen, int]


@pytest.fixture(params=["1", "2"])
def service(request: pytest.FixtureRequest, place: Path, tmp_path: Path) -> Iterator[Started]:
    """A service of one process and of two, and its port."""
    process, address = start(place / "gallery", tmp_path / "log", (NITERU,), "--workers", request.param)
    yield process, int(urllib.parse.urlsplit(address).port or 0)
    if process.poll() is None:
        process.kill()
    process.wait(20)


def gone(pid: int) -> bool:
    return command_of(pid) == b""


class Askers:
    """Clients that ask until nobody listens any more, over one connection each or over a new one each time."""

    def __init__(self, port: int, keep: bool) -> None:
        self.seen: Counter[str] = Counter()
        self._port, self._keep = port, keep
        self.threads = [threading.Thread(target=self._ask) for _ in range(16)]
        for thread in self.threads:
            thread.start()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while True:
            try:
                if connection.sock is None:
                    connection.connect()
                connection.request("GET", "/similar?image=face:1&mode=all")
                reply = connection.getresponse()
                reply.read()
            except ConnectionRefusedError:
                return
            except (OSError, http.client.HTTPException) as error:
                self.seen[type(error).__name__] += 1
                return
            self.seen[str(reply.status)] += 1
            if not self._keep:
                connection.close()


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "new"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda one: one.name)
def test_what_has_begun_is_answered_before_the_end(service: Started, keep: bool, number: signal.Signals) -> None:
    process, port = service
    workers = answering(process.pid)
    askers = Askers(port, keep)
    assert soon(lambda: askers.seen["200"] > 50)
    process.send_signal(number)
    assert process.wait(25) == 0
    for thread in askers.threads:
        thread.join(30)
    assert askers.seen.keys() == {"200"}, "no connection was reset"
    assert soon(lambda: all(map(gone, workers)))


def test_a_second_signal_ends_it_at_once(service: Started) -> None:
    process, port = service
    workers = answering(process.pid)
    slow = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    slow.putrequest("POST", "/similar")
    slow.putheader("Content-Length", "10")
    slow.endheaders()
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert process.poll() is None, "a request is under way"
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) != 0
    slow.close()
    assert soon(lambda: all(map(gone, workers)))


def test_nothing_is_left_when_the_first_process_is_killed(service: Started) -> None:
    process, _ = service
    workers = answering(process.pid)
    assert workers
    process.kill()
    assert soon(lambda: all(map(gone, workers)))


def test_a_process_that_dies_is_replaced(service: Started) -> None:
    process, port = service
    before = answering(process.pid)
    kill(before[0])
    assert soon(lambda: len(answering(process.pid)) == len(before) and before[0] not in answering(process.pid))

    def answers() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/similar?image=face:1")
        status = connection.getresponse().status
        connection.close()
        return status == 200

    assert all(answers() for _ in range(5))


def tried(gallery: Path, workers: int, **environment: object) -> subprocess.CompletedProcess:
    """A service that ends by itself."""
    return subprocess.run(
        [NITERU, "serve", "--gallery", str(gallery), "--port", str(free_port()), "--workers", str(workers)],
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_what_cannot_start_says_why_and_ends(place: Path, workers: int) -> None:
    done = tried(place / "gallery", workers, NITERU_PREFIX="/people")
    assert done.returncode == 1
    assert "niteru: NITERU_PREFIX=/people" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def ended_at_once(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH: while it holds ``now``, processes that would answer are killed, and counted there."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, pathlib, signal, sys\n"
        "now = pathlib.Path(__file__).with_name('now')\n"
        "if '--multiprocessing-fork' in sys.orig_argv and now.exists():\n"
        "    with now.open('a') as file: file.write('.')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    return tmp_path


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_system_ends_before_it_answers_ends_the_service(
    place: Path, ended_at_once: Path, workers: int
) -> None:
    (ended_at_once / "now").touch()
    done = tried(place / "gallery", workers, PYTHONPATH=ended_at_once)
    assert done.returncode == 1
    assert "niteru: a process of the service was ended by signal 9 before it could answer" in done.stderr


def test_one_that_cannot_be_replaced_is_tried_again_while_another_answers(
    place: Path, ended_at_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ended_at_once))
    process, address = start(place / "gallery", ended_at_once / "log", (NITERU,), "--workers", "2")
    try:
        assert soon(lambda: len(answering(process.pid)) == 2)
        assert soon(lambda: (ended_at_once / "log").read_text().count("serving generation") == 2)
        (ended_at_once / "now").touch()
        first, second = answering(process.pid)
        kill(first)
        assert soon(lambda: (ended_at_once / "now").stat().st_size >= 2), "it is tried, and tried again"
        assert second in answering(process.pid)
        with urllib.request.urlopen(f"{address}/similar?image=face:1", timeout=30) as reply:
            assert reply.status == 200
        (ended_at_once / "now").unlink()
        assert soon(lambda: len(answering(process.pid)) == 2)
    finally:
        process.terminate()
    assert process.wait(25) == 0


def test_counts_of_a_service_that_was_killed_go_when_the_next_starts(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    arguments = (place / "gallery", tmp_path / "log", (NITERU,), "--workers", "2")
    with contextlib.ExitStack() as running:
        lasting, _ = started(running, *arguments)
        (held,) = tmp_path.glob("niteru-metrics-*")
        killed, _ = started(running, *arguments)
        assert len([*tmp_path.glob("niteru-metrics-*")]) == 2
        killed.kill()
        killed.wait(20)
        last, address = started(running, *arguments)
        left = {*tmp_path.glob("niteru-metrics-*")}
        assert len(left) == 2
        assert held in left, "whose service goes on"
        with urllib.request.urlopen(f"{address}/metrics", timeout=30) as reply:
            assert b"niteru_requests_total" in reply.read()
        for process in (lasting, last):
            process.terminate()
            assert process.wait(25) == 0
    assert not [*tmp_path.glob("niteru-metrics-*")]


def started(running: contextlib.ExitStack, *arguments: Any) -> tuple[subprocess.Popen, str]:
    """A service that ends with the block at the latest, and its address."""
    process, address = start(*arguments)
    running.callback(process.wait, 20)
    running.callback(process.kill)
    return process, address


def test_what_was_changed_is_published_though_the_process_that_changed_it_is_killed(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    shutil.copytree(place / "gallery", tmp_path / "gallery")
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        _, name, _ = gallery.catalog.queries.people()[0]
    process, address = start(tmp_path / "gallery", tmp_path / "log", (NITERU,), "--workers", "2")
    try:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        wish = json.dumps({"who": [name], "name": "Grace"}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{address}/names", wish, headers), timeout=30) as reply:
            assert reply.status == 200
        for one in answering(process.pid):
            kill(one)

        def is_answered() -> bool:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/gallery", timeout=30) as reply:
                changes = json.load(reply)["changes"]
                return bool(changes["last"] == changes["answered"])
            return False

        assert soon(is_answered), (tmp_path / "log").read_text()
        with urllib.request.urlopen(f"{address}/similar?person=Grace", timeout=30) as reply:
            assert reply.status == 200
    finally:
        process.terminate()
    assert process.wait(25) == 0

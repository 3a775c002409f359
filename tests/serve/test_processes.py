"""Processes of the service: how they end, and what becomes of one that dies."""

import http.client
import os
import signal
import subprocess
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import NITERU, start
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


def children(pid: int) -> list[int]:
    """Processes that answer, without the one that keeps multiprocessing's accounts."""
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [one for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists() or Path(f"/proc/{pid}/cmdline").read_bytes() == b""


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
    workers = children(process.pid)
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
    workers = children(process.pid)
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
    workers = children(process.pid)
    assert workers
    process.kill()
    assert soon(lambda: all(map(gone, workers)))


def test_a_process_that_dies_is_replaced(service: Started) -> None:
    process, port = service
    before = children(process.pid)
    os.kill(before[0], signal.SIGKILL)
    assert soon(lambda: len(children(process.pid)) == len(before) and before[0] not in children(process.pid))

    def answers() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/similar?image=face:1")
        status = connection.getresponse().status
        connection.close()
        return status == 200

    assert all(answers() for _ in range(5))


def test_what_cannot_start_says_why_and_ends(place: Path) -> None:
    environment = {**os.environ, "NITERU_PREFIX": "/people"}
    done = subprocess.run(
        [NITERU, "serve", "--gallery", str(place / "gallery"), "--port", "18431"],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "niteru: NITERU_PREFIX=/people" in done.stderr
    assert "Traceback" not in done.stderr

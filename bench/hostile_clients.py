"""Honest clients beside hostile ones: what 64 clients that are slow on purpose cost the four that only ask.

``python -m bench.hostile_clients [--seconds 15]`` prints JSON: for each kind of hostile client the waiting times
of four that ask with a photo, one after the other, and of ``/healthz``. The hostile ones have another address, which
Linux has without being told: 127.0.0.2. The gallery is drawn, and the service real.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import click

from bench.hostile_pictures import HOSTILE
from bench.service import NITERU, Question, Service, drawn_photo, summary, upload
from niteru.engine.drawn import write_people
from niteru.indexer.update.enrol import update

CROWD, HONEST = 64, 4
ELSEWHERE = "127.0.0.2"
"""Address of the hostile clients."""
LARGE = ("jpeg, 174 million pixels", "png, 49 million pixels", "tiff, 49 million deep pixels")
"""Pictures just inside the limits."""
HEALTH: Question = ("GET", "/healthz", None, {})
_BODY = (
    b"POST /similar HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    b"Content-Length: 1000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=image; filename=a\r\n\r\n"
)


class Hostile:
    """A client that says something once, then something every second, never takes an answer, and comes again.

    Args:
        port: of the service.
        first: sent at once.
        then: sent every second.
    """

    def __init__(self, port: int, first: bytes, then: bytes) -> None:
        self._port, self._first, self._then = port, first, then
        self._socket: socket.socket | None = None

    def act(self) -> None:
        """Send what is due; a connection that the service has ended is opened anew."""
        try:
            if self._socket is None:
                self._socket = self._connect()
                self._socket.send(self._first)
            elif self._then:
                self._socket.send(self._then)
        except BlockingIOError:  # the service has stopped listening to us
            pass
        except OSError:
            self.leave()

    def leave(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> socket.socket:
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.settimeout(0.2)
        one.bind((ELSEWHERE, 0))
        one.connect(("127.0.0.1", self._port))
        one.setblocking(False)
        return one


@contextlib.contextmanager
def crowd_that_drips(port: int, first: bytes, then: bytes) -> Iterator[None]:
    """Let clients send something, and then a little every second, for the time of the block."""
    crowd = [Hostile(port, first, then) for _ in range(CROWD)]
    stop = threading.Event()

    def act() -> None:
        while not stop.is_set():
            for one in crowd:
                one.act()
            stop.wait(1)
        for one in crowd:
            one.leave()

    with in_threads([act], stop):
        yield


@contextlib.contextmanager
def crowd_that_asks(port: int, pictures: tuple[str, ...]) -> Iterator[None]:
    """Let clients that stay connected ask with these pictures without a pause, for the time of the block."""
    questions = [upload(HOSTILE[name]()) for name in pictures]
    stop = threading.Event()

    def ask(question: Question) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(ELSEWHERE, 0))
        while not stop.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request(*question)
                connection.getresponse().read()
                continue
            connection.close()

    some = itertools.islice(itertools.cycle(questions), CROWD)
    with in_threads([functools.partial(ask, question) for question in some], stop):
        yield


@contextlib.contextmanager
def in_threads(acts: list[Callable[[], None]], stop: threading.Event) -> Iterator[None]:
    """Do something in threads for the time of the block; they end when ``stop`` is set."""
    threads = [threading.Thread(target=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    sleep(2)
    try:
        yield
    finally:
        stop.set()


Crowd = Callable[[int], AbstractContextManager[None]]
KINDS: dict[str, Crowd] = {
    "none": lambda _: contextlib.nullcontext(),
    "a byte of the head a second": lambda port: crowd_that_drips(
        port, b"GET /people HTTP/1.1\r\nHost: localhost\r\nX: ", b"x"
    ),
    "a byte of the photo a second": lambda port: crowd_that_drips(port, _BODY, b"x"),
    "take no answer": lambda port: crowd_that_drips(
        port, b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200, b""
    ),
    "do not leave": lambda port: crowd_that_drips(
        port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"x"
    ),
    "ask with pictures just inside the limits": lambda port: crowd_that_asks(port, LARGE),
}
"""Hostile clients of a port."""


def waits(service: Service, question: Question, until: float, pause: float) -> list[float]:
    """Milliseconds of each answer until a time; a failure counts as the time it took, and opens a new connection."""
    spent = []
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    while (start := monotonic()) < until:
        try:
            status = service.ask(question, connection)
        except (OSError, http.client.HTTPException):
            status = 0
        if status != 200:
            connection.close()
            spent.append(float("inf"))
        else:
            spent.append((monotonic() - start) * 1000)
        sleep(pause)
    connection.close()
    return spent


def measure(service: Service, crowd: Crowd, seconds: float) -> dict[str, Any]:
    """Time honest clients beside hostile ones of a kind."""
    photo, health = list[float](), list[float]()
    question = upload(drawn_photo())

    def asker(question: Question, into: list[float], pause: float) -> Callable[[], None]:
        return lambda: into.extend(waits(service, question, until, pause))

    with crowd(service.port):
        until = monotonic() + seconds
        asks = [asker(question, photo, 0.0) for _ in range(HONEST)] + [asker(HEALTH, health, 0.05)]
        threads = [threading.Thread(target=one) for one in asks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {"by_photo": summary(photo), "healthz": summary(health), "memory": service.memory_mb()}


@click.command()
@click.option("--seconds", type=float, default=15, show_default=True, help="Time for each kind of hostile client.")
@click.option("--only", multiple=True, help="Kinds to measure, by a part of their names; by default all.")
@click.option("--niteru", default=NITERU, help="Command to measure.")
def main(seconds: float, only: tuple[str, ...], niteru: str) -> None:
    """Measure the honest clients' waits beside each kind of hostile ones."""
    with TemporaryDirectory() as root:
        list(write_people(Path(root) / "photos", 20, 3))
        update(Path(root) / "gallery", Path(root) / "photos")
        found = {}
        for kind, crowd in KINDS.items():
            if only and not any(one in kind for one in only):
                continue
            service = Service(Path(root) / "gallery", workers=1, niteru=niteru)
            found[kind] = measure(service, crowd, seconds)
            service.end()
    click.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

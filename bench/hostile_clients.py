"""Honest clients beside hostile ones: what 64 clients that are slow on purpose cost the four that only ask.

``python -m bench.hostile_clients [--seconds 15]`` prints JSON: for each kind of hostile client the waiting times
of four that ask with a photo, one after the other, and of ``/healthz``. The gallery is drawn, and the service real.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import click

from bench.service import NITERU, Question, Service, drawn_photo, summary, upload
from niteru.engine.drawn import write_people
from niteru.indexer.update.enrol import update

HOSTILE, HONEST = 64, 4
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
        one.connect(("127.0.0.1", self._port))
        one.setblocking(False)
        return one


KINDS: dict[str, tuple[bytes, bytes]] = {
    "none": (b"", b""),
    "a byte of the head a second": (b"GET /people HTTP/1.1\r\nHost: localhost\r\nX: ", b"x"),
    "a byte of the photo a second": (_BODY, b"x"),
    "take no answer": (b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200, b""),
    "do not leave": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"x"),
}
"""What each kind sends first, and then every second."""


@contextlib.contextmanager
def harassed(port: int, first: bytes, then: bytes) -> Iterator[None]:
    """Let hostile clients act for the time of the block."""
    crowd = [Hostile(port, first, then) for _ in range(HOSTILE if first else 0)]
    stop = threading.Event()

    def act() -> None:
        while not stop.is_set():
            for one in crowd:
                one.act()
            stop.wait(1)
        for one in crowd:
            one.leave()

    thread = threading.Thread(target=act)
    thread.start()
    sleep(2)
    try:
        yield
    finally:
        stop.set()
        thread.join()


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


def measure(service: Service, first: bytes, then: bytes, seconds: float) -> dict[str, Any]:
    """Time honest clients beside hostile ones of a kind."""
    photo, health = list[float](), list[float]()
    until = monotonic() + 2 + seconds

    def asker(question: Question, into: list[float], pause: float) -> Callable[[], None]:
        return lambda: into.extend(waits(service, question, until, pause))

    with harassed(service.port, first, then):
        asks = [asker(upload(drawn_photo()), photo, 0.0) for _ in range(HONEST)] + [asker(HEALTH, health, 0.05)]
        threads = [threading.Thread(target=one) for one in asks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {"by_photo": summary(photo), "healthz": summary(health), "memory": service.memory_mb()}


@click.command()
@click.option("--seconds", type=float, default=15, show_default=True, help="Time for each kind of hostile client.")
@click.option("--niteru", default=NITERU, help="Command to measure.")
def main(seconds: float, niteru: str) -> None:
    """Measure the honest clients' waits beside each kind of hostile ones."""
    with TemporaryDirectory() as root:
        list(write_people(Path(root) / "photos", 20, 3))
        update(Path(root) / "gallery", Path(root) / "photos")
        found = {}
        for kind, (first, then) in KINDS.items():
            service = Service(Path(root) / "gallery", workers=1, niteru=niteru)
            found[kind] = measure(service, first, then, seconds)
            service.end()
    click.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

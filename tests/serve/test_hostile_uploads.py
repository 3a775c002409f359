"""Clients that upload pictures made to be slow, and leave: others are answered as if they were not there."""

import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hostile_pictures import HOSTILE, face, saved
from support.command import start

KINDS = ["jpeg, 13,000 scans", "png, empty chunks", "jpeg, 174 million pixels", "tiff, 49 million deep pixels"]
CLIENTS = 64


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[str]:
    log = tmp_path_factory.mktemp("hostile") / "log"
    process, address = start(place / "gallery", log)
    yield address
    process.terminate()
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text()


def request_with(data: bytes) -> bytes:
    body = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + data + b"\r\n--b--\r\n"
    head = f"Host: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n"
    return f"POST /similar?k=1 HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode() + body


def answer(address: str, data: bytes) -> bytes:
    place = urllib.parse.urlsplit(address)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=60) as client:
        client.sendall(request_with(data))
        return b"".join(iter(lambda: client.recv(65_536), b""))


@pytest.mark.parametrize("kind", KINDS)
def test_those_who_upload_slow_pictures_and_leave_keep_nobody_waiting(address: str, kind: str) -> None:
    place, sent = urllib.parse.urlsplit(address), request_with(HOSTILE[kind]())

    def upload_and_leave() -> None:
        with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=60) as client:
            client.sendall(sent)

    photo = saved(face(400), "JPEG")
    assert b"200 OK" in answer(address, photo)
    hostile = [threading.Thread(target=upload_and_leave) for _ in range(CLIENTS)]
    for thread in hostile:
        thread.start()
    for thread in hostile:
        thread.join()
    start = time.monotonic()
    reply = answer(address, photo)
    took = time.monotonic() - start
    assert b"200 OK" in reply
    assert took < 5, "on a machine at rest it is less than one second"


def test_what_is_too_complex_says_so(address: str) -> None:
    reply = answer(address, HOSTILE["jpeg, fill bytes"]())
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b'"too-complex"' in reply

"""Turns: a client that asks a lot waits for its own answers, and the others are answered as if it were not there."""

import select
import socket
import sys
import threading
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hostile_pictures import HOSTILE, face, saved
from niteru.serve.http.turns import Asker, Turns
from support.command import start
from support.waiting import soon

CLIENTS = 40
ONE, OTHER = Asker("10.0.0.1", True), Asker("10.0.0.2", True)


def test_the_requests_of_a_client_wait_for_each_other_in_order() -> None:
    begun: list[str] = []
    turns = Turns(begun.append, {True: 2, False: 1})
    for request in "abcd":
        turns.ask(ONE, request)
    assert begun == ["a", "b"]
    turns.ask(OTHER, "x")
    turns.ask(Asker(ONE.address, False), "page")
    assert begun == ["a", "b", "x", "page"], "another client, and a page beside photos, wait for nobody"
    turns.ended(ONE)
    assert begun[-1] == "c"
    turns.ended(OTHER)
    turns.ended(ONE)
    assert begun[-1] == "d"
    turns.ended(ONE)
    turns.ended(ONE)
    for request in "efg":
        turns.ask(ONE, request)
    assert begun[-2:] == ["e", "f"], "who has nothing in work begins anew"


def test_no_request_is_lost_among_threads() -> None:
    lock, done, at_once, most = threading.Lock(), Counter[str](), Counter[str](), Counter[str]()
    askers = [Asker(f"10.0.0.{one}", True) for one in range(3)]

    def begin(asker: Asker) -> None:
        threading.Thread(target=work, args=(asker,)).start()

    def work(asker: Asker) -> None:
        with lock:
            at_once[asker.address] += 1
            most[asker.address] = max(most[asker.address], at_once[asker.address])
        with lock:
            at_once[asker.address] -= 1
            done[asker.address] += 1
        turns.ended(asker)

    turns = Turns(begin, {True: 2})
    for _ in range(200):
        for asker in askers:
            turns.ask(asker, asker)
    assert soon(lambda: sum(done.values()) == 600)
    assert all(2 >= most[asker.address] >= 1 for asker in askers)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[int]:
    process, address = start(place / "gallery", tmp_path_factory.mktemp("turns") / "log")
    yield int(urllib.parse.urlsplit(address).port or 0)
    process.kill()
    process.wait(20)


def asking(port: int, client: str, data: bytes) -> socket.socket:
    """Connection of a client that has sent a photo."""
    body = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + data + b"\r\n--b--\r\n"
    head = f"Host: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", port), timeout=600, source_address=(client, 0))
    connection.sendall(b"POST /similar?k=1 HTTP/1.1\r\n" + head.encode() + body)
    return connection


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has more than one local address without being told")
def test_a_crowd_of_one_address_keeps_no_other_waiting(port: int) -> None:
    large = HOSTILE["png, 49 million pixels"]()
    crowd = [asking(port, "127.0.0.2", large) for _ in range(CLIENTS)]
    with asking(port, "127.0.0.1", saved(face(400), "JPEG")) as honest:
        assert honest.recv(1000).startswith(b"HTTP/1.1 200 ")
    answered = len(select.select(crowd, [], [], 0)[0])
    for one in crowd:
        one.close()
    assert answered < CLIENTS / 4, "who came first was answered first"

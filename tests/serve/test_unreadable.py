"""Clients that do not speak HTTP, or too slowly: a real service on a socket, without a gallery."""

import contextlib
import http.client
import json
import socket
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest

from support.command import start

POST = b"POST /similar HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
UNREADABLE = [
    (b"GET /people/" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "uri-too-long"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431, "headers-too-large"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\n\r\n", 417, "bad-request"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gold\r\n\r\n", 501, "bad-request"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nA\x00B: c\r\n\r\n", 400, "bad-request"),
    (b"GET /secret-name\r\n\r\n", 400, "bad-request"),
    (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 400, "bad-request"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 431, "headers-too-large"),
    (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad-request"),
    (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx", 400, "bad-request"),
    (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400, "bad-request"),
    (POST + b"Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n", 413, "too-large"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\nwonder\r\n", 400, "bad-request"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 40_000, 400, "bad-request"),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 200_000, 400, "bad-request"),
    (POST.replace(b"/1.1", b"/1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad-request"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "bad-request"),
]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of a service that gives requests two seconds to arrive, and clients two to take their answers."""
    root = tmp_path_factory.mktemp("unreadable")
    quick = (
        "import functools, niteru.scripts.serve as s; from niteru.serve.http.time_limits import TimeLimits;"
        "s.Server = functools.partial(s.Server, limits=TimeLimits(head=2, body=2, answer=2));"
        "from niteru.scripts.cli import niteru; niteru()"
    )
    process, address = start(root / "none", root / "log", (sys.executable, "-c", quick))
    yield int(urllib.parse.urlsplit(address).port or 0)
    process.terminate()
    assert process.wait(20) == 0, "a graceful stop"
    log = (root / "log").read_text()
    assert "refused a request: 400" in log
    assert "secret-name" not in log
    assert "Traceback" not in log


@pytest.mark.parametrize(("sent", "status", "kind"), UNREADABLE)
def test_what_is_no_request_is_a_problem_too(port: int, sent: bytes, status: int, kind: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        with contextlib.suppress(OSError):  # refused before all of it was read
            client.sendall(sent)
        reply = http.client.HTTPResponse(client)
        reply.begin()
        assert reply.headers["Content-Type"] == "application/problem+json"
        document = json.loads(reply.read())
    assert (reply.status, document["type"], document["status"]) == (status, kind, status)


def status_of(port: int, sent: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(sent)
        reply = http.client.HTTPResponse(client)
        reply.begin()
        reply.read()
    return reply.status


def test_requests_sent_ahead_are_answered_one_after_the_other(port: int) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    lost = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = POST + b"Content-Length: 7\r\n\r\n--b--\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall((ask + lost + b"\r\n" + body) * 20)
        stream, found = client.makefile("rb"), []
        for _ in range(60):
            found.append(int(stream.readline().split()[1]))
            length = 0
            while (line := stream.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            stream.read(length)
        stream.close()
    assert found == [200, 404, 400] * 20


def test_who_does_not_finish_is_told_so(port: int) -> None:
    for sent in (b"GET /healthz HTTP/1.1\r\nHost: loc", POST + b"Content-Length: 7\r\n\r\n--b"):
        assert status_of(port, sent) == 408


def test_a_body_that_is_not_let_in_is_not_asked_for(port: int) -> None:
    forwarded = b"X-Forwarded-For: 198.51.100.7\r\n"
    for rest in (b"Expect: 100-continue\r\n\r\n", b"\r\n"):
        assert status_of(port, POST + forwarded + b"Content-Length: 60000000\r\n" + rest) == 401
    elsewhere = b"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nContent-Length: 60000000\r\n\r\n"
    assert status_of(port, POST + elsewhere) == 400


def seconds_to_be_answered(port: int) -> float:
    started = time.monotonic()
    while time.monotonic() - started < 20:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            break
    return time.monotonic() - started


def test_those_who_do_not_leave_keep_nobody_waiting(port: int) -> None:
    lingering = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
    for one in lingering:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    time.sleep(0.3)
    assert seconds_to_be_answered(port) < 1
    for one in lingering:
        assert one.recv(65_536).startswith(b"HTTP/1.1 200"), "the answer came all the same"
        one.close()


def test_those_who_go_on_talking_when_all_is_said_keep_nobody_waiting(port: int) -> None:
    talking, stop = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)], threading.Event()

    def talk(one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while not stop.is_set():
                one.sendall(b"x" * 65_536)

    threads = [threading.Thread(target=talk, args=(one,)) for one in talking]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert seconds_to_be_answered(port) < 1
    stop.set()
    for one, thread in zip(talking, threads, strict=True):
        one.close()
        thread.join(5)


def test_those_who_say_nothing_keep_nobody_waiting(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    time.sleep(0.3)
    assert seconds_to_be_answered(port) < 1
    for one in silent:
        one.close()


def test_those_who_take_no_answer_are_given_up(port: int) -> None:
    deaf = []
    for _ in range(16):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.connect(("127.0.0.1", port))
        one.settimeout(1)
        with contextlib.suppress(OSError):
            one.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 600)
        deaf.append(one)
    assert seconds_to_be_answered(port) < 15
    for one in deaf:
        one.close()


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /people HTTP/1.1\r\nHost: localhost\r\nX: ",
        b"POST /similar HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: 1000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=image; filename=a\r\n\r\n",
    ],
    ids=["header", "photo"],
)
def test_those_who_drip_do_not_keep_others_waiting(port: int, beginning: bytes) -> None:
    """As many clients as there are threads send a byte now and then: never silent for long, and never done."""
    drips = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(16)]
    for one in drips:
        one.sendall(beginning)
    time.sleep(0.5)
    started, answered = time.monotonic(), 0
    while not answered and time.monotonic() - started < 20:
        for one in drips:
            with contextlib.suppress(OSError):
                one.sendall(b"x")
        with contextlib.suppress(OSError):
            answered = urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).status
    assert answered == 200
    for one in drips:
        one.close()

"""gunicorn's thread worker, which says its own refusals as problems and lets no slow client keep a thread."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import traceback
from collections import deque
from concurrent.futures import Future
from http import HTTPStatus
from time import monotonic
from typing import Any

from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from niteru.serve.http.problem_documents import document

SILENT_S = 10
"""A client that says or takes nothing for so long in the middle of a request is given up."""
HEAD_S, BODY_S, ANSWER_S = 10.0, 60.0, 300.0
"""So long each may take, however steadily it drips: to be sent, to be sent, to be made and taken."""
LINGER_S = 2.0
"""So long a client has to take note that the conversation is over."""
_AT_ONCE_S = 0.05
_AT_A_TIME = 256

_REFUSALS: tuple[tuple[type[Exception], HTTPStatus, str], ...] = (
    (errors.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG, "uri-too-long"),
    (errors.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large"),
    (errors.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED, "bad-request"),
    (errors.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED, "bad-request"),
    (errors.ParseException, HTTPStatus.BAD_REQUEST, "bad-request"),
)
log = logging.getLogger("niteru.serve")


class Worker(ThreadWorker):  # type: ignore[misc]
    """As gunicorn's, but that no client keeps a thread, and none at all keeps the one that accepts them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As gunicorn's."""
        super().__init__(*args, **kwargs)
        self._until: dict[TConn, tuple[float, float]] = {}
        self._leaving: deque[tuple[float, TConn]] = deque()

    def init_process(self) -> None:
        """Set time limits on the listening sockets; those of the clients inherit them."""
        limit = struct.pack("ll", SILENT_S, 0)
        for listener in self.sockets:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        super().init_process()

    def handle(self, conn: TConn) -> object:
        """One request, in a thread of its own; who has not begun to speak waits where no thread is held."""
        if not conn.initialized and not conn.wait_for_data(_AT_ONCE_S):
            return _DEFER
        self._allow(conn, HEAD_S)
        try:
            return super().handle(conn)
        finally:
            del self._until[conn]

    def handle_request(self, req: object, conn: TConn) -> object:
        """Its head is here."""
        self._allow(conn, BODY_S)
        return super().handle_request(req, conn)

    def _allow(self, conn: TConn, seconds: float) -> None:
        self._until[conn] = (monotonic() + seconds, monotonic() + seconds + ANSWER_S)

    def murder_pending(self) -> None:
        """Once a second or oftener: stop listening to those who take too long, and close what is over."""
        super().murder_pending()
        now = monotonic()
        for conn, (heard, answered) in list(self._until.items()):
            if now > heard:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR if now > answered else socket.SHUT_RD)
        for _ in range(len(self._leaving)):
            until, conn = self._leaving.popleft()
            if now > until or _has_left(conn.sock):
                self.nr_conns -= 1
                conn.close()
            else:
                self._leaving.append((until, conn))

    def finish_request(self, conn: TConn, fs: Future[object]) -> None:
        """After a request: go on with the connection, or leave it. gunicorn waits for each that it leaves."""
        if not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)
            return
        # What is closed with something unread takes the answer with it: the client must have had it first.
        with contextlib.suppress(OSError):
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        self._leaving.append((monotonic() + LINGER_S, conn))

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:
        """Refuse what is no readable request: a problem document, and a log line without what was asked."""
        status, name = _refusal(exc)
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            # Without the message, which may hold the path.
            log.error("%s\n%s", type(exc).__name__, "".join(traceback.format_tb(exc.__traceback__)))
        else:
            log.warning("refused before it was read: %s", type(exc).__name__)
        body = document(status, name, status.phrase, "the server could not read the request").encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
            f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            write_nonblock(client, head.encode() + body)


def _refusal(error: BaseException) -> tuple[HTTPStatus, str]:
    """Status and type."""
    for kind, status, name in _REFUSALS:
        if isinstance(error, kind):
            return status, name
    return HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error"


def _has_left(client: socket.socket) -> bool:
    """Read some of what still comes; whether that was all. Some: who goes on sending must not hold the others up."""
    try:
        return any(not client.recv(65_536) for _ in range(_AT_A_TIME))
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True

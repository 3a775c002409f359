"""gunicorn's thread worker with problem documents for its refusals and time limits for slow clients."""

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
from typing_extensions import override

from niteru.serve.http.error_handlers import document

SILENT_S = 10
"""Seconds without a byte sent or taken, in the middle of a request, after which a client is dropped."""
HEAD_S, BODY_S, ANSWER_S = 10.0, 60.0, 300.0
"""Seconds to send the head, to send the body, and to make and take the answer, however steadily the bytes drip."""
LINGER_S = 2.0
"""Seconds that a client has to close its end of a connection that is over."""
_AT_ONCE_S = 0.05
"""Seconds to wait for the first byte of a request before the connection goes back to the poller."""
_READS_AT_A_TIME = 256

_REFUSALS: tuple[tuple[type[Exception], HTTPStatus, str], ...] = (
    (errors.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG, "uri-too-long"),
    (errors.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large"),
    (errors.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED, "bad-request"),
    (errors.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED, "bad-request"),
    (errors.ParseException, HTTPStatus.BAD_REQUEST, "bad-request"),
)
log = logging.getLogger("niteru.serve")


class Worker(ThreadWorker):  # type: ignore[misc]
    """Thread worker in which slow clients hold up neither the request threads nor the thread that accepts them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # When to stop reading from a connection, and when to stop writing to it.
        self._until: dict[TConn, tuple[float, float]] = {}
        self._leaving: deque[tuple[float, TConn]] = deque()

    @override
    def init_process(self) -> None:
        # Clients' sockets inherit the time limits of the listening ones.
        limit = struct.pack("ll", SILENT_S, 0)
        for listener in self.sockets:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        super().init_process()

    @override
    def handle(self, conn: TConn) -> object:
        # A client that has not begun its request waits in the poller, where it holds no thread.
        if not conn.initialized and not conn.wait_for_data(_AT_ONCE_S):
            return _DEFER
        self._allow(conn, HEAD_S)
        try:
            return super().handle(conn)
        finally:
            del self._until[conn]

    @override
    def handle_request(self, req: object, conn: TConn) -> object:
        self._allow(conn, BODY_S)  # the head has arrived
        return super().handle_request(req, conn)

    def _allow(self, conn: TConn, seconds: float) -> None:
        self._until[conn] = (monotonic() + seconds, monotonic() + seconds + ANSWER_S)

    @override
    def murder_pending(self) -> None:
        # gunicorn calls this once a second or more often.
        super().murder_pending()
        now = monotonic()
        for conn, (read_until, write_until) in list(self._until.items()):
            if now > read_until:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR if now > write_until else socket.SHUT_RD)
        for _ in range(len(self._leaving)):
            until, conn = self._leaving.popleft()
            if now > until or _has_left(conn.sock):
                self.nr_conns -= 1
                conn.close()
            else:
                self._leaving.append((until, conn))

    @override
    def finish_request(self, conn: TConn, fs: Future[object]) -> None:
        if not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)  # keep the connection alive
            return
        # gunicorn would block here until the client has left. Closing a socket with unread data discards the answer,
        # so the client gets LINGER_S to take it.
        with contextlib.suppress(OSError):
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        self._leaving.append((monotonic() + LINGER_S, conn))

    @override
    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:
        status, name = _refusal(exc)
        if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            # Without the message, which may contain the path.
            log.error("%s\n%s", type(exc).__name__, "".join(traceback.format_tb(exc.__traceback__)))
        else:
            log.warning("refused an unreadable request: %s", type(exc).__name__)
        body = document(status, name, status.phrase, "the server could not read the request").encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
            f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            write_nonblock(client, head.encode() + body)


def _refusal(error: BaseException) -> tuple[HTTPStatus, str]:
    """Status and problem type of a refusal."""
    for kind, status, name in _REFUSALS:
        if isinstance(error, kind):
            return status, name
    return HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error"


def _has_left(client: socket.socket) -> bool:
    """Discard a bounded amount of what the client still sends; True once it has closed its end."""
    try:
        return any(not client.recv(65_536) for _ in range(_READS_AT_A_TIME))
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True

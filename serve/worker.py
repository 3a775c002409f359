"""gunicorn's thread worker, which says its own refusals as problems and lets no slow client keep a thread."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import traceback
from http import HTTPStatus
from time import monotonic
from typing import Any

from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from serve.problems import document

SILENT_S = 10
"""A client that says nothing for so long in the middle of a request is given up."""
SLOW_S = 60.0
"""So long a request may take to arrive, however steadily it drips."""

_REFUSALS: tuple[tuple[type[Exception], HTTPStatus, str], ...] = (
    (errors.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG, "uri-too-long"),
    (errors.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large"),
    (errors.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED, "bad-request"),
    (errors.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED, "bad-request"),
    (errors.ParseException, HTTPStatus.BAD_REQUEST, "bad-request"),
)
log = logging.getLogger("niteru.serve")


class Worker(ThreadWorker):  # type: ignore[misc]
    """As gunicorn's, but for what a client cannot say rightly or soon enough."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As gunicorn's."""
        super().__init__(*args, **kwargs)
        self._since: dict[TConn, float] = {}

    def init_process(self) -> None:
        """Set a time limit on the listening sockets; those of the clients inherit it."""
        for listener in self.sockets:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_S, 0))
        super().init_process()

    def handle(self, conn: TConn) -> object:
        """One request, in a thread of its own."""
        self._since[conn] = monotonic()
        try:
            return super().handle(conn)
        finally:
            del self._since[conn]

    def murder_pending(self) -> None:
        """Once a second: stop listening to those who take too long. An answer under way still reaches them."""
        super().murder_pending()
        for conn, since in list(self._since.items()):
            if monotonic() - since > SLOW_S:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

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

"""A client's connection: requests one after the other, time limits for slow clients, and an end that loses nothing.

waitress reads requests and sends answers in one thread that never waits, and hands whole requests to others. So a slow
client holds nobody up; it only has to be told when its time is over.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from enum import Enum
from time import time
from typing import Any

from typing_extensions import override
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from niteru.serve.http.context import CONNECTION, THROUGH_TLS
from niteru.serve.http.https import Peers
from niteru.serve.http.parsing import Refusal, RequestParser
from niteru.serve.http.time_limits import TimeLimits
from niteru.serve.http.turns import Asker

log = logging.getLogger("niteru.serve")


class _Stage(Enum):
    IDLE = "idle"
    HEAD = "head"
    BODY = "body"
    WORK = "work"
    ANSWER = "answer"


class _Task(WSGITask):  # type: ignore[misc]
    """Request in the hands of the application."""

    @override
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.request.path.startswith("//"):
            environ["PATH_INFO"] = self.request.path  # //NAME is not NAME
        environ[CONNECTION] = self.channel.socket
        peers: Peers | None = self.channel.server.peers
        if peers is not None:
            environ[THROUGH_TLS] = True
            environ["REMOTE_ADDR"] = peers.get(self.channel.addr[1], "")
        return environ

    @override
    def build_response_header(self) -> bytes:
        if self.channel.server.ending:
            self.set_close_on_finish()
        header: bytes = super().build_response_header()
        return header


class _RefusalTask(ErrorTask):  # type: ignore[misc]
    """Request that the server refuses itself, with a problem document."""

    @override
    def execute(self) -> None:
        if not isinstance(self.request.error, Refusal):
            self.request.error = Refusal.of(self.request.error.code)
        log.warning("refused a request: %s", self.request.error.status)
        super().execute()


class Channel(HTTPChannel):  # type: ignore[misc]
    """Connection of a client."""

    task_class = _Task
    error_task_class = _RefusalTask
    request: Any
    """Request that is being read; None between two."""
    asker: Asker | None = None
    """Whose turn the request in work is; None for one that the server refuses itself."""

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Adjustments, map: Any = None) -> None:
        super().__init__(server, sock, addr, adj, map)
        self._limits: TimeLimits = server.limits
        self._parser: RequestParser | None = None
        self._begun = 0
        self._seen, self._since = (_Stage.IDLE, 0), time()

    def parser_class(self, adj: Adjustments) -> RequestParser:
        """Parser of the next request; waitress calls this like a class."""
        self._begun += 1
        self._parser = RequestParser(adj, lambda request: self.server.admit(_Task(self, request).get_environment()))
        return self._parser

    @override
    def received(self, data: bytes) -> bool:
        # Blank lines between requests are nothing.
        return bool(super().received(data.lstrip(b"\r\n") if self.request is None else data))

    @override
    def readable(self) -> bool:
        # What a client has sent ahead is looked at when its last answer is on its way: one request at a time.
        while super().readable() and self._parser is not None and self._parser.rest:
            ahead, self._parser = self._parser.rest, None
            self.received(ahead)
        return bool(super().readable())

    def next_asker(self) -> Asker | None:
        """Whom the next request counts for."""
        request = self.requests[0]
        if request.error:
            return None
        address = self.server.client_address(_Task(self, request).get_environment())
        return Asker(address, sends=request.body_rcv is not None)

    @override
    def service(self) -> None:
        asker = self.asker
        try:
            super().service()
        finally:
            if asker is not None:
                self.server.turns.ended(asker)

    def review(self, now: float) -> None:
        """End a connection whose time is over; called once a second."""
        stage = self._stage()
        if (stage, self._begun) != self._seen:
            self._seen, self._since = (stage, self._begun), now
        spent, silent = now - self._since, now - self.last_activity
        if stage is _Stage.WORK or (stage is _Stage.IDLE and spent <= self._limit(stage)):
            return
        if stage is not _Stage.IDLE and spent <= self._limit(stage) and silent <= self._limits.silent:
            return
        if stage in (_Stage.HEAD, _Stage.BODY):
            self._give_up()
        else:
            self.will_close = True

    def _stage(self) -> _Stage:
        if self.total_outbufs_len:
            return _Stage.ANSWER
        if self.requests:
            return _Stage.WORK
        if self.request is None:
            return _Stage.IDLE
        return _Stage.BODY if self.request.headers_finished else _Stage.HEAD

    def _limit(self, stage: _Stage) -> float:
        idle = self._limits.idle if not self.server.ending else 1.0
        seconds: dict[_Stage, float] = {
            _Stage.IDLE: idle,
            _Stage.HEAD: self._limits.head,
            _Stage.BODY: self._limits.body,
            _Stage.ANSWER: self._limits.answer,
        }
        return seconds[stage]

    def _give_up(self) -> None:
        """Answer a request that does not arrive."""
        with self.requests_lock:
            self.request.refuse(Refusal.of(408))
            self.requests.append(self.request)
            self.request = None
        self.server.add_task(self)

    @override
    def handle_close(self) -> None:
        if self.will_close and self.connected and self.socket is not None:
            with contextlib.suppress(OSError):
                Farewell(self.socket.dup(), self._limits.linger, self.server.everybody)
        super().handle_close()


class Farewell(wasyncore.dispatcher):  # type: ignore[misc]
    """Connection that is over for the server: a socket closed with unread data would take the answer with it.

    Args:
        sock: its socket, which is closed in the end.
        seconds: for the client to close its end, too.
        everybody: the connections that the server listens to.
    """

    def __init__(self, sock: socket.socket, seconds: float, everybody: dict[int, Any]) -> None:
        self.until = time() + seconds
        super().__init__(sock, everybody)
        self.connected = True
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)

    @override
    def writable(self) -> bool:
        return False

    @override
    def handle_read(self) -> None:
        self.recv(65_536)

    @override
    def handle_close(self) -> None:
        self.close()

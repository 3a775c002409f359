"""A process that answers requests: waitress over the application, until it is told to end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from time import time
from typing import Any

from flask import Flask
from typing_extensions import override
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from niteru.engine.work.usable_cores import usable_cores
from niteru.serve.http import log
from niteru.serve.http.app import MOST_BYTES, create_app
from niteru.serve.http.connections import Channel, Farewell
from niteru.serve.http.https import Https, Peers
from niteru.serve.http.late_publication import LatePublication
from niteru.serve.http.listening import let_nobody_in, listen_on
from niteru.serve.http.parsing import MOST_HEAD_BYTES, Refusal
from niteru.serve.http.proxies import client_address
from niteru.serve.http.time_limits import TimeLimits
from niteru.serve.http.turns import Turns

THREADS = 16
"""More than the cores can use: many wait for the pool that looks at photos, or for SQLite."""
_OF_ONE_CLIENT = THREADS // 2
"""Requests of one client that may be in work."""
_CONNECTIONS = 900
"""As many as a process may usually open files, less those that a gallery needs."""
_UNSENT = 65_536
_NO_LIMIT = 1 << 62


class WorkerServer(TcpWSGIServer):  # type: ignore[misc]
    """waitress's server over a socket that may be shared with other processes.

    Args:
        app: the application.
        sock: listening socket.
        limits: times that clients have.
        peers: of a socket behind HTTPS, where the clients are; None for one that clients connect to.
    """

    channel_class = Channel

    def __init__(self, app: Flask, sock: socket.socket, limits: TimeLimits, peers: Peers | None = None) -> None:
        self.limits, self.ending, self.peers = limits, False, peers
        self.everybody: dict[int, Any] = {}
        """What the server listens to, by the number of the file."""
        self._app, self._end_by = app, float("inf")
        settings = Adjustments(
            threads=THREADS,
            ident=None,
            connection_limit=_CONNECTIONS,
            max_request_header_size=MOST_HEAD_BYTES,
            max_request_body_size=MOST_BYTES + 1,
            recv_bytes=65_536,
            # Photos are kept in memory, and so are answers: a thread never waits for a client to take one.
            inbuf_overflow=_NO_LIMIT,
            outbuf_overflow=_NO_LIMIT,
            outbuf_high_watermark=_NO_LIMIT,
            asyncore_use_poll=True,
            cleanup_interval=1,
            log_socket_errors=False,
        )
        kind = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(app, self.everybody, _sock=sock, adj=settings, sockinfo=kind, bind_socket=False)
        photos = min(usable_cores(), _OF_ONE_CLIENT)  # one fewer than are looked at at once
        self.turns: Turns[Channel] = Turns(self.task_dispatcher.add_task, {True: photos, False: _OF_ONE_CLIENT})

    def admit(self, environ: dict[str, Any]) -> Refusal | None:
        """Let the application refuse a request by its head, say one without the key, before its body is read."""
        with self._app.request_context(environ):
            try:
                answer = self._app.preprocess_request()
            except Exception as error:
                answer = self._app.handle_user_exception(error)
            if answer is None:
                return None
            response = self._app.process_response(self._app.make_response(answer))
            return Refusal(response.status, response.headers.to_wsgi_list(), response.get_data())

    def client_address(self, environ: dict[str, Any]) -> str:
        """Address of a request's client."""
        return client_address(self._app, environ)

    @override
    def add_task(self, task: Channel) -> None:
        task.asker = task.next_asker()
        if task.asker is None:
            self.task_dispatcher.add_task(task)
        else:
            self.turns.ask(task.asker, task)

    @override
    def set_socket_options(self, conn: socket.socket) -> None:
        super().set_socket_options(conn)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            # Who takes no answers has a few of them made, and not the hundred that the system would keep for them.
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)

    @override
    def run(self) -> None:
        while time() < self._end_by and not (self.ending and not self.accepting and not self.active_channels):
            wasyncore.loop(timeout=1, use_poll=True, map=self.everybody, count=1)
            if self.ending:
                self._stop_accepting()
                self.maintenance(time())

    def end(self) -> None:
        """Answer the requests that have begun, and no others; may be called from a signal's handler."""
        if not self.ending:
            self.ending, self._end_by = True, time() + self.limits.ending
            self.pull_trigger()

    def _stop_accepting(self) -> None:
        if self.accepting:
            let_nobody_in(self.socket)
            before = -1  # whoever the system has connected already is served, too
            while before < len(self.active_channels):
                before = len(self.active_channels)
                self.handle_accept()
            wasyncore.dispatcher.close(self)

    @override
    def maintenance(self, now: float) -> None:
        for one in list(self.everybody.values()):
            if isinstance(one, Channel):
                one.review(now)
            elif isinstance(one, Farewell) and now > one.until:
                one.close()


def work(
    config: dict[str, Any],
    sock: socket.socket,
    limits: TimeLimits,
    answers: Callable[[], None],
    https: Https | None = None,
    *,
    replaces: bool = False,
) -> None:
    """Answer requests on a socket; the main function of a process.

    Args:
        config: settings for :func:`niteru.serve.http.app.create_app`.
        sock: listening socket.
        limits: times that clients have.
        answers: called when the process has started, and answers from now on.
        https: a second way in, for other machines; None for none.
        replaces: whether it takes the place of a process that was ended, perhaps before it had published a change.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C and the end of a terminal are told to all of a group
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    log.set_up()
    app = create_app(config)
    servers = [WorkerServer(app, sock, limits)]
    if https is not None:
        servers.append(_behind(https, app, limits))

    def end(*_: object) -> None:
        for server in servers:
            server.end()
        # Should a photo take longer than anybody wants to wait.
        _later(limits.ending + limits.linger, lambda: os._exit(0))

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_with_parent, args=(end,), daemon=True).start()
    answers()
    publication: LatePublication = app.extensions["niteru-publication"]
    if replaces:
        publication.catch_up()
    servers[0].run()
    for server in servers:
        server.task_dispatcher.shutdown(timeout=0)
    publication.close()


def _behind(https: Https, app: Flask, limits: TimeLimits) -> WorkerServer:
    """Server of what comes by HTTPS, in a thread of its own."""
    peers: Peers = {}
    inner = listen_on("127.0.0.1", 0)
    server = WorkerServer(app, inner, limits, peers)
    threading.Thread(target=server.run, daemon=True).start()
    threading.Thread(target=https.pass_on, args=(inner.getsockname(), peers), daemon=True).start()
    return server


def _with_parent(end: Callable[[], None]) -> None:
    """End when the parent has, which cannot tell its processes when it is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        end()


def _later(seconds: float, act: Callable[[], object]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()

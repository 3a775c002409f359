"""The service as processes that share a socket; one that dies is replaced, as long as any of them gets to answer."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import sleep
from typing import TYPE_CHECKING, Any

from niteru.engine.failure import Failure
from niteru.engine.work.worker_pool import start_fresh
from niteru.serve.http.counts import counts_folder
from niteru.serve.http.listening import listen_on
from niteru.serve.http.time_limits import TimeLimits

if TYPE_CHECKING:
    from niteru.serve.http.https import Https

_BREATH_S = 1.0
"""Seconds before a process that died is replaced."""


class _Started:
    """A process, and the end of a pipe at which it says that it answers.

    Args:
        process: that was started.
        said: to read from.
    """

    def __init__(self, process: BaseProcess, said: Connection) -> None:
        self.process, self._said, self._has_answered = process, said, False

    def has_answered(self) -> bool:
        """Whether it has come so far, though it may have ended since."""
        with contextlib.suppress(EOFError, OSError):  # it ended, with or without a word
            self._has_answered = self._has_answered or (self._said.poll() and bool(self._said.recv_bytes()))
        return self._has_answered


class Server:
    """The service on an address.

    Args:
        config: settings for :func:`niteru.serve.http.app.create_app`.
        host: address to listen on.
        port: port to listen on.
        workers: number of processes.
        limits: times that clients have.
        https: a second way in, for other machines; None for none.

    Raises:
        OSError: the address cannot be listened on.
    """

    def __init__(
        self,
        config: dict[str, Any],
        host: str,
        port: int,
        workers: int = 1,
        limits: TimeLimits | None = None,
        https: Https | None = None,
    ) -> None:
        self._config, self._workers, self._limits = config, workers, limits or TimeLimits()
        self._https = https
        self._socket = listen_on(host, port)

    def run(self) -> int:
        """Serve until a signal says to end, which arrives as KeyboardInterrupt; returns the exit status.

        That is 1 where no process gets to answer: each says why itself, unless the system ended it.
        """
        running: list[_Started] = []
        with contextlib.ExitStack() as held:
            if self._workers > 1:  # read when prometheus_client is imported
                os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(held.enter_context(counts_folder()))
            try:
                return self._keep_running(running)
            except KeyboardInterrupt:
                return 0
            finally:
                self._socket.close()  # or the system would go on connecting clients
                if self._https is not None:
                    self._https.sock.close()
                for one in running:
                    one.process.terminate()
                for one in running:
                    one.process.join()

    def _keep_running(self, running: list[_Started]) -> int:
        replaces = False
        while True:
            while len(running) < self._workers:
                running.append(self._start(replaces))
            replaces = True
            wait([one.process.sentinel for one in running])
            for one in [one for one in running if one.process.exitcode is not None]:
                running.remove(one)
                # As long as others answer, one that cannot is tried again: the system may lack memory for a while.
                if not any(each.has_answered() for each in (one, *running)):
                    _tell(one.process.exitcode)
                    return 1
            sleep(_BREATH_S)

    def _start(self, replaces: bool) -> _Started:
        said, says = Pipe(duplex=False)
        process = start_fresh(_work, self._config, self._socket, self._limits, self._https, says, replaces)
        says.close()
        return _Started(process, said)


def _tell(status: int | None) -> None:
    if status is not None and status < 0:
        sys.stderr.write(
            f"niteru: a process of the service was ended by signal {-status} before it could answer: "
            "does the system have enough memory?\n"
        )


def _work(
    config: dict[str, Any],
    sock: socket.socket,
    limits: TimeLimits,
    https: Https | None,
    says: Connection,
    replaces: bool,
) -> None:
    from niteru.serve.http.worker import work  # the process that only watches needs none of it

    def answers() -> None:
        with contextlib.suppress(OSError):  # there is nobody to be told: this process ends, too
            says.send_bytes(b"answers")

    try:
        work(config, sock, limits, answers, https, replaces=replaces)
    except Failure as error:
        sys.stderr.write(f"niteru: {error}\n")
        sys.exit(1)

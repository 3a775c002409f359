"""The service as processes that share a socket; one that dies is replaced."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import sleep
from typing import TYPE_CHECKING, Any

from niteru.engine.failure import Failure
from niteru.engine.work.worker_pool import start_fresh
from niteru.serve.http.listening import listen_on
from niteru.serve.http.time_limits import TimeLimits

if TYPE_CHECKING:
    from niteru.serve.http.https import Https

_BREATH_S = 1.0
"""Seconds before a process that died is replaced."""


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
        """Serve until a signal says to end, which arrives as KeyboardInterrupt; returns the exit status."""
        counts = tempfile.mkdtemp(prefix="niteru-metrics-") if self._workers > 1 else None
        if counts:  # where the processes keep their counts for /metrics; read when prometheus_client is imported
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
        running: list[BaseProcess] = []
        try:
            return self._keep_running(running)
        except KeyboardInterrupt:
            return 0
        finally:
            self._socket.close()  # or the system would go on connecting clients
            if self._https is not None:
                self._https.sock.close()
            for one in running:
                one.terminate()
            for one in running:
                one.join()
            if counts:
                shutil.rmtree(counts, ignore_errors=True)

    def _keep_running(self, running: list[BaseProcess]) -> int:
        while True:
            while len(running) < self._workers:
                running.append(start_fresh(_work, self._config, self._socket, self._limits, self._https))
            wait([one.sentinel for one in running])
            for one in [one for one in running if one.exitcode is not None]:
                running.remove(one)
                if one.exitcode is not None and one.exitcode > 0:  # it could not start; below zero it was killed
                    return 1
            sleep(_BREATH_S)


def _work(config: dict[str, Any], sock: socket.socket, limits: TimeLimits, https: Https | None) -> None:
    from niteru.serve.http.worker import work  # the process that only watches needs none of it

    try:
        work(config, sock, limits, https)
    except Failure as error:
        sys.stderr.write(f"niteru: {error}\n")
        sys.exit(1)

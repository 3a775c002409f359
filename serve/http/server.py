"""Run the service behind gunicorn."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from niteru.serve.http.app import create_app
from niteru.serve.http.worker import Worker

THREADS = 16
"""More than the cores can use: some always wait for a client that is slow to say what it wants."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without its command line.

    The access log names method, route, status and time: no name, no query string, no photo, no vector.

    Args:
        config: of :func:`niteru.serve.http.app.create_app`.
        host, port: where to listen.
        workers: processes.
    """

    def __init__(self, config: dict[str, Any], host: str, port: int, workers: int = 1) -> None:
        """See the class."""
        self._config = config
        if workers > 1:
            # Where the processes keep their counts, for /metrics to add up; read when prometheus_client is imported.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="niteru-metrics-")
        self._options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "on_exit": _forget_counts,
            "workers": workers,
            "worker_class": Worker,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 10,
            "accesslog": "-",
            "access_log_format": "%(t)s %(m)s %({niteru.route}e)s %(s)s %(b)s %(M)sms",
            "errorlog": "-",
            "proc_name": "niteru",
            "limit_request_line": 8190,
            "forwarder_headers": "",  # no proxy before it: a client's SCRIPT_NAME is not to be believed
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn our options."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application in a worker: models and connections do not survive a fork."""
        return create_app(self._config)


def _forget_counts(_: Any) -> None:
    """Remove what several processes counted together, when the last of them is gone."""
    shutil.rmtree(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), ignore_errors=True)

"""Server of the application: gunicorn without its command line."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from typing_extensions import override

from niteru.serve.http.app import create_app
from niteru.serve.http.gunicorn_worker import Worker

THREADS = 16
"""More than the cores can use: some always wait for a slow client."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn application with the service's own settings.

    The access log names method, route, status and time: no name, no query string, no photo, no vector.

    Args:
        config: settings for :func:`niteru.serve.http.app.create_app`.
        host: address to listen on.
        port: port to listen on.
        workers: number of processes.
    """

    def __init__(self, config: dict[str, Any], host: str, port: int, workers: int = 1) -> None:
        self._config = config
        if workers > 1:
            # Folder in which the processes keep their counts for /metrics; read when prometheus_client is imported.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="niteru-metrics-")
        self._options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "on_exit": _remove_counts,
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
            "forwarder_headers": "",  # a client's SCRIPT_NAME is not to be believed
            "control_socket_disable": True,
        }
        super().__init__()

    @override
    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    @override
    def load(self) -> Flask:
        # Called in the worker process: models and connections do not survive a fork.
        return create_app(self._config)


def _remove_counts(_: Any) -> None:
    """Remove the folder of the processes' counts when the server ends."""
    shutil.rmtree(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), ignore_errors=True)

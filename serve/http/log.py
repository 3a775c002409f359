"""What a service writes down: each request's method, route, status, size, time and key, and nobody's photo or name."""

from __future__ import annotations

import logging
import sys
from time import perf_counter

from flask import Flask, Response, g, request

access = logging.getLogger("niteru.access")


def set_up() -> None:
    """Send the list of requests to standard output, and everything else to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    requests = logging.StreamHandler(sys.stdout)
    requests.setFormatter(logging.Formatter("[%(asctime)s] %(message)s", "%d/%b/%Y:%H:%M:%S %z"))
    access.addHandler(requests)
    access.propagate = False
    logging.getLogger("faiss").setLevel(logging.WARNING)  # it tells which of its libraries it tries
    logging.getLogger("waitress").addFilter(_without_message)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a full queue is no news


def register(app: Flask) -> None:
    """Write down every request."""
    app.before_request(_start)
    app.after_request(_finish)


def _without_message(record: logging.LogRecord) -> bool:
    """Keep what waitress has to say of errors, and drop the rest: its messages may contain paths, and so names."""
    record.msg, record.args = "failure in the server", ()
    return record.levelno >= logging.ERROR


def _start() -> None:
    g.arrived = perf_counter()


def _finish(response: Response) -> Response:
    size = "-" if response.content_length is None else response.content_length
    ms = (perf_counter() - g.arrived) * 1000
    key = g.get("key")
    by = "" if key is None else f" key={key.name}"
    route = request.url_rule or "(none)"
    access.info("%s %s %d %s %.0fms%s", request.method, route, response.status_code, size, ms, by)
    return response

"""Error handlers that turn every failure into ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import Any

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from niteru.engine.failure import Failure
from niteru.serve.http.refusals import BadParameter
from niteru.serve.http.statuses import INTERNAL, PROBLEM_TYPES, REFUSED_REQUESTS, ProblemType

log = logging.getLogger("niteru.serve")

_UNKNOWN = "Unknown field."


def register(app: Flask) -> None:
    """Answer every failure of the application with a problem document."""
    app.register_error_handler(Failure, _failure)
    app.register_error_handler(sqlite3.DatabaseError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def document(status: int, kind: str, title: str, detail: str, request_id: str | None = None) -> str:
    """Problem document as JSON text."""
    body = {"type": kind, "title": title, "status": status, "detail": detail, "request_id": request_id}
    return json.dumps(body, ensure_ascii=False)


def _document(status: int, kind: str, title: str, detail: str, retry_after: int | None = None) -> Response:
    body = document(status, kind, title, detail, g.get("request_id"))
    response = Response(body, status, content_type="application/problem+json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _problem(kind: ProblemType, detail: str) -> Response:
    return _document(kind.status, kind.type, kind.title, kind.detail or detail, kind.retry_after)


def _failure(error: Failure) -> Response:
    kind = PROBLEM_TYPES.get(error.slug)
    if kind is None:
        return _unexpected(error)
    if kind.detail is not None:
        log.warning("%s: %s", kind.type, error)
    response = _problem(kind, str(error))
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="niteru", charset="UTF-8"'
    return response


def _database(error: sqlite3.DatabaseError) -> Response:
    log.warning("the catalogue: %s", error)
    return _problem(PROBLEM_TYPES["catalog-error"], "")


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages")
    if messages:
        return _failure(BadParameter(_first(messages)))
    response = _document(status, REFUSED_REQUESTS.get(status, "http-error"), error.name, error.description or "")
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value  # Allow, Content-Range
    return response


def _first(messages: dict[str, Any]) -> str:
    """First message of a validation error such as ``{"query": {"k": ["k must be …"]}}``, however deep it lies."""
    found: Any = messages
    name = ""
    while isinstance(found, dict | list) and found:
        name, found = min(found.items(), key=str) if isinstance(found, dict) else (name, found[0])
    if found == _UNKNOWN:
        return f"unknown parameter {name!r}; /openapi.json lists them"
    return found if isinstance(found, str) else "see /openapi.json"


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected failure in request %s", g.get("request_id"))
    return _problem(INTERNAL, "")

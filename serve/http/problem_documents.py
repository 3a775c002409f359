"""The one handler that turns every failure into ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
import logging
import sqlite3

from flask import Flask, Response, g
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from niteru.engine.photos.decode import PhotoError
from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.address import BackendUnavailable, GalleryBusy
from niteru.indexer.update.forgetting import Unknown
from niteru.serve.http.problems import BadParameter, Busy, NotReady, PersonNotFound, Problem, Unauthorised

log = logging.getLogger("niteru.serve")

# How the decoder's reasons are told over HTTP.
_PHOTO_PROBLEMS = {
    "too-large": (413, "too-large", "The picture has too many bytes"),
    "too-many-pixels": (413, "too-many-pixels", "The picture has too many pixels"),
    "unsupported-type": (415, "unsupported-type", "Not a picture of a known type"),
    "empty-file": (400, "missing-image", "No image given"),
    "no-face": (422, "no-face", "No face in the picture"),
    "too-few-pixels": (422, "face-too-small", "The face is too small"),
}
_UNKNOWN = "Unknown field."
_HTTP_TYPES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    414: "uri-too-long",
    415: "unsupported-type",
    416: "bad-range",
}


def register(app: Flask) -> None:
    """Make every failure of the app a problem document."""
    app.register_error_handler(Problem, _own)
    app.register_error_handler(PhotoError, _photo)
    app.register_error_handler(CatalogError, _gallery)
    app.register_error_handler(GenerationUnusable, _gallery)
    app.register_error_handler(BackendUnavailable, _gallery)
    app.register_error_handler(sqlite3.DatabaseError, _gallery)
    app.register_error_handler(Unknown, lambda _: _own(PersonNotFound("nobody here has that name; /people lists all")))
    app.register_error_handler(ParseException, _unreadable)
    app.register_error_handler(BlockingIOError, _unreadable)
    app.register_error_handler(GalleryBusy, _busy)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def document(status: int, kind: str, title: str, detail: str, request_id: str | None = None) -> str:
    """A problem as JSON."""
    body = {"type": kind, "title": title, "status": status, "detail": detail, "request_id": request_id}
    return json.dumps(body, ensure_ascii=False)


def _document(status: int, kind: str, title: str, detail: str, retry_after: int | None = None) -> Response:
    body = document(status, kind, title, detail, g.get("request_id"))
    response = Response(body, status, content_type="application/problem+json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _own(problem: Problem) -> Response:
    response = _document(problem.status, problem.type, problem.title, problem.detail, problem.retry_after)
    if isinstance(problem, Unauthorised):
        response.headers["WWW-Authenticate"] = 'Basic realm="niteru", charset="UTF-8"'
    return response


def _photo(error: PhotoError) -> Response:
    status, kind, title = _PHOTO_PROBLEMS.get(error.reason, (422, "corrupt-image", "The picture is damaged"))
    return _document(status, kind, title, str(error))


def _gallery(error: Exception) -> Response:
    log.warning("not ready: %s", error)
    return _own(NotReady("there is no index to search; run make index, or see the server's log"))


def _busy(error: GalleryBusy) -> Response:
    log.warning("%s", error)
    return _own(Busy("another niteru is at work there: try again when it is done"))


def _unreadable(_: Exception) -> Response:
    # The server reads the body while the application asks for it: broken chunks, or a client that fell silent.
    return _document(400, "bad-request", "Bad Request", "the body of the request cannot be read to its end")


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    refused = getattr(error, "data", {}).get("messages")
    if refused:
        return _own(BadParameter(_first(refused)))
    response = _document(status, _HTTP_TYPES.get(status, "http-error"), error.name, error.description or "")
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value  # Allow, Content-Range
    return response


def _first(messages: dict[str, dict[str, list[str]]]) -> str:
    """What is wrong with the first parameter that is: ``{"query": {"k": ["k is …"]}}``."""
    for fields in messages.values():
        for name, (message, *_) in sorted(fields.items()):
            return f"unknown parameter {name!r}; /openapi.json lists them" if message == _UNKNOWN else message
    return "see /openapi.json"


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected failure in request %s", g.get("request_id"))
    return _own(Problem("the server's log has the cause under this request's id"))

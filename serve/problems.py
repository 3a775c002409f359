"""One small class per failure, and the one handler that turns them into ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import ClassVar

from flask import Flask, Response, g
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from engine.photo import PhotoError
from indexer.database import CatalogError
from indexer.forgetting import Unknown
from indexer.generation import GenerationUnusable
from indexer.place import GalleryBusy, HouseClosed

log = logging.getLogger("niteru.serve")


class Problem(Exception):
    """Something the asker can be told."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong here"
    retry_after: ClassVar[int | None] = None

    def __str__(self) -> str:
        """Title and detail: what the command line shows."""
        return f"{self.title}. {super().__str__()}"

    @property
    def detail(self) -> str:
        """What this case is about."""
        return super().__str__()


class MissingImage(Problem):
    """No photo in the question."""

    status, type, title = 400, "missing-image", "No image given"


class BadParameter(Problem):
    """A parameter that is not what it should be."""

    status, type, title = 400, "bad-parameter", "A parameter is wrong"


class Unauthorised(Problem):
    """The key is missing or wrong."""

    status, type, title = 401, "unauthorised", "This needs the key"


class RateLimited(Problem):
    """Too many requests from one address."""

    status, type, title, retry_after = 429, "rate-limited", "Too many requests", 60


class ImageNotFound(Problem):
    """REF names nothing in the gallery."""

    status, type, title = 404, "image-not-found", "No such image in the gallery"


class PersonNotFound(Problem):
    """Nobody of that name."""

    status, type, title = 404, "person-not-found", "No such person in the gallery"


class FaceNotFound(Problem):
    """No face with that id."""

    status, type, title = 404, "face-not-found", "No such face in the gallery"


class NoFaceFound(Problem):
    """The photo is fine and shows no face."""

    status, type, title = 422, "no-face", "No face in the picture"


class FaceTooSmall(Problem):
    """The face has too few pixels to be compared."""

    status, type, title = 422, "face-too-small", "The face is too small"


class NotReady(Problem):
    """Nothing to search yet."""

    status, type, title, retry_after = 503, "not-ready", "The gallery is not ready", 10


class IndexMismatch(Problem):
    """The model of the index is not here, or answers otherwise here."""

    status, type, title, retry_after = 503, "index-mismatch", "The index and the model do not match", 60


class Busy(Problem):
    """Somebody else is writing to the gallery."""

    status, type, title, retry_after = 503, "gallery-busy", "The gallery is being written to", 30


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
    app.register_error_handler(HouseClosed, _gallery)
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

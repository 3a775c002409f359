"""The Flask application factory."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from flask import Flask, Response, g
from flask.json.provider import DefaultJSONProvider

from engine.photo import MAX_BYTES
from indexer.gallery import default_folder
from serve import faces, health, pages, people, problems, similar
from serve.galleries import LiveGallery

MOST_UPLOADS = 8


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """Build the service.

    Settings come from environment variables that begin with ``NITERU_`` and from ``config``, which wins: ``GALLERY``
    (folder), ``CROPS`` (uploads are face crops already).

    Raises:
        ModelUnusable: if the model folder is not usable.
    """
    app = Flask(__name__)
    app.config.from_mapping(GALLERY=str(default_folder()), CROPS=False, MAX_CONTENT_LENGTH=MOST_UPLOADS * MAX_BYTES)
    app.config.from_prefixed_env("NITERU")
    app.config.update(config or {})
    if isinstance(app.json, DefaultJSONProvider):
        app.json.ensure_ascii = False
        app.json.sort_keys = False
    app.extensions["niteru"] = LiveGallery(Path(app.config["GALLERY"]), crops=bool(app.config["CROPS"]))
    app.before_request(_start)
    app.after_request(_finish)
    problems.register(app)
    for blueprint in (
        similar.blueprint,
        people.blueprint,
        faces.blueprint,
        health.blueprint,
        pages.blueprint,
    ):
        app.register_blueprint(blueprint)
    return app


def _start() -> None:
    g.request_id = uuid.uuid4().hex


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Request-Id"] = g.request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'"
    return response

"""Application factory of the HTTP service."""

from __future__ import annotations

import os
import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.naming.piles import LivePiles
from niteru.indexer.storage.address import default_address
from niteru.serve.booth.booth import Booth
from niteru.serve.http import (
    access,
    api,
    booth,
    card,
    columns,
    compare,
    error_handlers,
    faces,
    gallery,
    groups,
    health,
    judgements,
    key,
    limits,
    log,
    metrics,
    names,
    origins,
    pages,
    people,
    photos,
    portraits,
    proxies,
    shortlist,
    similar,
)
from niteru.serve.http.form import FormParser
from niteru.serve.http.late_publication import LatePublication

MOST_BYTES = 64 * 1024 * 1024


class FormRequest(Request):
    """Request whose photos stay in memory: one that is only compared never touches the disk."""

    form_data_parser_class = FormParser


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """Build the service.

    Settings come from environment variables that begin with ``NITERU_`` and from ``config``, which takes precedence:
    ``GALLERY`` (its address), ``REPORT`` (its folder), ``API_KEY``, ``ALWAYS_KEY`` (nobody is let in without it),
    ``KEEP_JUDGEMENTS`` (of likeness, from the game), ``PUBLIC`` (other machines can reach the service), ``RATE_LIMIT``
    (of expensive questions from one address, for example ``"60 per minute"``), ``PROXIES`` (networks of the proxies
    that are believed), ``PREFIX`` (path under which a proxy shows the service), ``ORIGINS`` (of other people's pages
    that may ask) and ``BOOTH`` (a :class:`niteru.serve.booth.booth.BoothAddress`, in ``config`` alone).

    Raises:
        ModelUnusable: the model folder is not usable.
        KeyMissing: the service is public, and nobody has a key.
        BadPrefix, BadProxies, BadOrigins: those settings cannot be used.
    """
    app = Flask("niteru.serve")  # the package that has the templates, which the report uses, too
    _configure(app, config or {})
    app.request_class = FormRequest
    app.url_map.merge_slashes = False  # //NAME is not NAME
    if isinstance(app.json, DefaultJSONProvider):
        app.json.ensure_ascii = False
        app.json.sort_keys = False
    live = app.extensions["niteru"] = LiveGallery(app.config["GALLERY"])
    app.extensions["niteru-piles"] = LivePiles(live.backend)
    app.extensions["niteru-publication"] = LatePublication(live.address)
    log.register(app)
    app.before_request(_start)
    app.after_request(_finish)
    metrics.register(app)
    portraits.register(app)
    origins.register(app)
    access.register(app)
    about_people = (similar, compare, people, photos, groups, names, columns, faces, portraits, gallery)
    for_people = (judgements, card, shortlist)
    api.register(app, tuple(module.blueprint for module in (*about_people, *for_people, key, health, metrics)))
    app.register_blueprint(pages.blueprint)
    if app.config["BOOTH"] is not None:
        app.extensions["niteru-booth"] = Booth(app.config["BOOTH"])
        app.register_blueprint(booth.blueprint)
    limits.register(app)
    error_handlers.register(app)
    proxies.register(app)
    live.warm_up()  # when all settings have been looked at: one that is wrong is told at once
    return app


def _configure(app: Flask, config: dict[str, Any]) -> None:
    """Settle on defaults, on the environment's settings, and on those that are given, the last first."""
    app.config.from_mapping(
        GALLERY=default_address(),
        REPORT="report",
        API_KEY="",
        PUBLIC=False,
        ALWAYS_KEY=False,
        KEEP_JUDGEMENTS=False,
        HOST="127.0.0.1",
        RATE_LIMIT="",
        BOOTH=None,
        PREFIX="",
        ORIGINS="",
        PROXIES="127.0.0.0/8 ::1",
        MAX_CONTENT_LENGTH=MOST_BYTES,
    )
    app.config.from_prefixed_env("NITERU")
    app.config["API_KEY"] = os.environ.get("NITERU_API_KEY", "")  # verbatim: Flask would read digits as a number
    app.config.update(config)


def _start() -> None:
    g.request_id = uuid.uuid4().hex
    # A web page elsewhere can point its own host name at 127.0.0.1 and read the answers (DNS rebinding), so only our
    # own names are accepted. Flask's TRUSTED_HOSTS does the same, but accepts no name with a colon in it.
    own = {"127.0.0.1", "localhost", "::1", current_app.config["HOST"]}
    if not access.from_outside() and urlsplit(f"//{request.host}").hostname not in own:
        raise BadRequest("the Host header names another host than this service")
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and not (_is_link() or origins.is_listed()):
        raise BadRequest("the request comes from a page of another site")
    # Clients change nothing here, so preconditions make no sense; Flask would answer them with 412 and the picture.
    for name in ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"):
        request.environ.pop(name, None)


def _is_link() -> bool:
    """Whether somebody follows a link; a form that another site's page sends off by itself is none."""
    return request.method in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Mode") == "navigate"


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Request-Id"] = g.request_id
    headers["API-Version"] = api.VERSION
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Referrer-Policy"] = "no-referrer"
    headers.setdefault("Cache-Control", "no-store")  # answers about people are for the client that asked
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        f"base-uri 'none'; form-action 'self'; object-src 'none'; {origins.frame_ancestors()}",
    )
    return response

"""Access control: anybody on this machine may ask; from elsewhere only those who have the API key."""

from __future__ import annotations

import hmac

from flask import Flask, current_app, request

from niteru.serve.http.context import THROUGH_TLS
from niteru.serve.http.key import check_key
from niteru.serve.http.proxies import passed_on
from niteru.serve.http.refusals import Unauthorised

_OPEN = frozenset({"health.check_health", "health.check_readiness"})
"""Endpoints for whatever keeps the service running; they reveal nothing about anybody."""
_OF_PAGES = frozenset({"static", "pages.cjk_font"})
"""Endpoints of what every page is made of."""
_WRITING = frozenset({"names.name_faces"})
"""Endpoints that change the gallery, beside all deletions."""


def from_outside() -> bool:
    """Whether the client may be on another machine; a proxy on this one counts, since it speaks for others."""
    config, through_tls = current_app.config, THROUGH_TLS in request.environ
    return bool(config["PUBLIC"] or config["ALWAYS_KEY"] or through_tls or passed_on())


def register(app: Flask) -> None:
    """Check the key before any other work: for whatever changes the gallery, and for everything on a public address."""
    check_key(str(app.config["API_KEY"]), bool(app.config["PUBLIC"]))
    app.before_request(_guard)


def _guard() -> None:
    closed = from_outside() and not _is_open()
    key = str(current_app.config["API_KEY"])
    if (closed or request.endpoint in _WRITING or request.method == "DELETE") and not _has_key(key):
        send = "send the key as the password of HTTP Basic authentication, or as a Bearer token"
        raise Unauthorised(send if key else "this service has no key yet: its owner must set NITERU_API_KEY")


def _is_open() -> bool:
    """Whether everybody may ask for this; a booth looks itself at who comes, and its pages need the static files."""
    if "niteru-booth" in current_app.extensions and (request.blueprint == "booth" or request.endpoint in _OF_PAGES):
        return True
    return request.endpoint in _OPEN


def is_owner() -> bool:
    """Whether whoever asks has sent the key."""
    return _has_key(str(current_app.config["API_KEY"]))


def _has_key(key: str) -> bool:
    try:
        header = request.authorization
    except ValueError:  # malformed
        header = None
    given = (header.token if header.type == "bearer" else header.password) if header else None
    # In constant time, so that a guess does not show how much of it is right.
    return bool(key) and hmac.compare_digest((given or "").encode(), key.encode())

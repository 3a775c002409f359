"""Pages of other origins that may ask this service and show it in a frame, from ``NITERU_ORIGINS``: CORS.

Werkzeug names the headers; flask-cors, which would set them, says ``Vary: Origin`` only where several origins are
listed, and what may ask has to be known here all the same: for frames, and for the look at ``Sec-Fetch-Site``.
"""

from __future__ import annotations

import re

from flask import Flask, Response, current_app, request

from niteru.engine.failure import Failure
from niteru.serve.http.refusals import Unauthorised

_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_USUAL_PORTS = {("http", "80"), ("https", "443")}
_METHODS = ("GET", "HEAD", "POST", "DELETE")
_SENT = ("Authorization", "Content-Type", "If-None-Match")
"""Headers that a page may send beside those that it always may."""
_EXPOSED = ("ETag", "Link", "Retry-After", "X-Request-Id", "API-Version", "Face-Inset", "Content-Disposition")
"""Headers that a page may read beside those that it always may."""
_REMEMBERED_S = 600


class BadOrigins(Failure):
    """``NITERU_ORIGINS`` is no list of origins."""


def register(app: Flask) -> None:
    """Let pages of the origins in ``ORIGINS`` ask, and read the answers.

    Raises:
        BadOrigins: the setting has something else than origins.
    """
    app.config["ORIGINS"] = origins_in(str(app.config["ORIGINS"]))
    app.before_request(_prepare)
    app.after_request(_allow)


def origins_in(text: str) -> tuple[str, ...]:
    """Origins in a setting, as browsers write them: without the port where it is the usual one.

    Raises:
        BadOrigins: something else is in it.
    """
    return tuple(dict.fromkeys(_origin(one) for one in re.split(r"[\s,]+", text.strip()) if one))


def is_listed() -> bool:
    """Whether the request comes from a page of an origin that is listed."""
    return request.origin in current_app.config["ORIGINS"]


def frame_ancestors() -> str:
    """Directive of a content security policy: who may show a page of this service in a frame."""
    return "frame-ancestors " + (" ".join(current_app.config["ORIGINS"]) or "'none'")


def _origin(text: str) -> str:
    found = _ORIGIN.fullmatch(text.lower())
    if found is None or int(found[3] or 1) not in range(1, 65536):
        raise BadOrigins(
            f"NITERU_ORIGINS: {text!r} is no origin. List each by itself, as https://a.example or "
            "http://localhost:3000, without a path or a wildcard, separated by commas or spaces"
        )
    scheme, host, port = found.groups()
    return f"{scheme}://{host}" if port is None or (scheme, port) in _USUAL_PORTS else f"{scheme}://{host}:{port}"


def _prepare() -> Response | None:
    """Answer a browser that asks beforehand, which sends no key; and turn away a key that the page did not send."""
    if not is_listed():
        return None
    if request.method == "OPTIONS" and request.access_control_request_method:
        response = Response(status=204)
        response.access_control_allow_methods = _METHODS  # type: ignore[assignment]
        response.access_control_allow_headers = _SENT  # type: ignore[assignment]
        response.access_control_max_age = _REMEMBERED_S
        return response
    if request.headers.get("Authorization", "").lower().startswith("basic"):
        # Which the browser has remembered, and adds to what any page makes it send.
        raise Unauthorised("a page of another origin sends its key as a Bearer token")
    return None


def _allow(response: Response) -> Response:
    if current_app.config["ORIGINS"]:
        response.vary.add("Origin")
    if is_listed():
        # Without Access-Control-Allow-Credentials: a page has its own key, and not what the browser knows of others.
        response.access_control_allow_origin = request.origin
        response.access_control_expose_headers = _EXPOSED  # type: ignore[assignment]
    return response

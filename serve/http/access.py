"""Who may ask: anybody on this machine; with the key, anybody the owner let in."""

from __future__ import annotations

import contextlib
import hmac
import ipaddress

from flask import Flask, current_app, request

from niteru.engine.failure import Failure
from niteru.serve.http.problems import Unauthorised

LEAST_KEY = 16
_OPEN = frozenset({"health.healthz", "health.readyz"})
"""What whoever keeps the service running asks; it says nothing of anybody."""


class KeyMissing(Failure):
    """The service would be open to the network without a key that keeps others out."""


def check_key(key: str, public: bool) -> None:
    """A service that others can reach needs a key, and one that cannot be guessed.

    Raises:
        KeyMissing: it has none, or a short one, or one that is not plain ASCII.
    """
    if not key.isascii():
        raise KeyMissing("NITERU_API_KEY must be plain ASCII: other letters travel differently with every client")
    if public and len(key) < LEAST_KEY:
        raise KeyMissing(
            f"beyond this machine niteru serves only with a key of {LEAST_KEY} characters or more: set NITERU_API_KEY, "
            "for example to the output of: openssl rand -hex 16"
        )


def from_outside() -> bool:
    """Whether the one who asks may be on another machine: a proxy's work counts, though it listens beside us."""
    return current_app.config["PUBLIC"] or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers


def address() -> str:
    """Of the one who asks; behind a proxy, as the proxy says."""
    peer = request.remote_addr or ""
    said = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
    return said if said and _is_near(peer) else peer


def _is_near(peer: str) -> bool:
    """This machine or its network, where proxies are: others could say anything to dodge their limit."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(peer).is_private
    return False


def register(app: Flask) -> None:
    """Ask for the key before any other work: always to delete, for everything on a public address."""
    check_key(str(app.config["API_KEY"]), bool(app.config["PUBLIC"]))
    app.before_request(_guard)


def _guard() -> None:
    shut = from_outside() and request.endpoint not in _OPEN
    key = str(current_app.config["API_KEY"])
    if (shut or request.method == "DELETE") and not _has_key(key):
        send = "send the key as the password of HTTP Basic authentication, or as a Bearer token"
        raise Unauthorised(send if key else "this service has no key yet: its owner sets NITERU_API_KEY")


def _has_key(key: str) -> bool:
    try:
        said = request.authorization
    except ValueError:  # what was sent is no such header
        said = None
    given = (said.token if said.type == "bearer" else said.password) if said else None
    # Compared whole, however much of it is right.
    return bool(key) and hmac.compare_digest((given or "").encode(), key.encode())

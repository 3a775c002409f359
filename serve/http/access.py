"""Access control: anybody on this machine may ask; changes of the gallery, and all from elsewhere, take a key."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, request
from flask_smorest import Blueprint

from niteru.engine.failure import Failure
from niteru.indexer.storage.open import open_backend
from niteru.serve.http.context import THROUGH_TLS
from niteru.serve.http.proxies import client_address, passed_on
from niteru.serve.http.refusals import RateLimited, RightMissing, Unauthorised
from niteru.serve.keys.guesses import MOST_WRONG, Guesses
from niteru.serve.keys.key import Key, Right
from niteru.serve.keys.key_file import KeyFile
from niteru.serve.keys.keys import Keys
from niteru.serve.keys.owners_key import check_key

_OPEN = frozenset({"health.check_health", "health.check_readiness"})
"""Endpoints for whatever keeps the service running; they reveal nothing about anybody."""
_OF_PAGES = frozenset({"static", "pages.cjk_font"})
"""Endpoints of what every page is made of."""
_RIGHT = "needed_right"
_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"basic": []}]
View = Callable[..., Any]


def from_outside() -> bool:
    """Whether the client may be on another machine; a proxy on this one counts, since it speaks for others."""
    config, through_tls = current_app.config, THROUGH_TLS in request.environ
    return bool(config["PUBLIC"] or config["ALWAYS_KEY"] or through_tls or passed_on())


def needs(blueprint: Blueprint, right: Right) -> Callable[[View], View]:
    """Let nobody near a view without a key that has this right; /openapi.json says so.

    The view itself carries the right, under whatever address it is reached.
    """

    def decorate(view: View) -> View:
        described: View = blueprint.doc(security=_SECURITY)(view)
        setattr(described, _RIGHT, right)
        return described

    return decorate


def register(app: Flask) -> None:
    """Check the key before any other work: for whatever changes the gallery, and for everything on a public address.

    Raises:
        KeyMissing: the service is public, and nobody has a usable key.
        KeysUnreadable: it is public, was started without a key, and the others cannot be read.
    """
    key, others = str(app.config["API_KEY"]), KeyFile(open_backend(app.config["GALLERY"]).keys_file)
    check_key(key, bool(app.config["PUBLIC"]), others)
    app.extensions["niteru-keys"], app.extensions["niteru-guesses"] = Keys(key, others), Guesses()
    app.before_request(_guard)


def key_in_use() -> Key | None:
    """The key that came with the request and was found good; None without one."""
    key: Key | None = g.get("key")
    return key


def rights() -> frozenset[Right]:
    """What whoever asks may do: to read takes no key on this machine."""
    key = key_in_use()
    of_key = key.may if key else frozenset[Right]()
    return of_key if from_outside() else of_key | {Right.READ}


def _guard() -> None:
    right = _needed()
    if right == Right.READ and (not from_outside() or _is_open()):
        with contextlib.suppress(Failure):  # nobody asks for the key here, but it names who asks
            g.key = _sent()
        return
    g.key = key = _sent()
    if key is None:
        raise Unauthorised(_how_to_send())
    if right not in key.may:
        may = " and ".join(sorted(key.may))
        raise RightMissing(f"the key {key.name} may {may}, but not {right}: ask the service's owner for one that may")


def _needed() -> Right:
    """The right that the request takes: its view says which; deletions take one by themselves, wherever they go."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return Right.READ
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _RIGHT, Right.DELETE if request.method == "DELETE" else Right.READ)


def _is_open() -> bool:
    """Whether everybody may ask for this; a booth looks itself at who comes, and its pages need the static files."""
    if "niteru-booth" in current_app.extensions and (request.blueprint == "booth" or request.endpoint in _OF_PAGES):
        return True
    return request.endpoint in _OPEN


def _sent() -> Key | None:
    """The key that came with the request; None if there is none, or nobody has been given it.

    Raises:
        RateLimited: too many wrong ones came from this address.
        KeyExpired, KeysUnreadable: see :meth:`niteru.serve.keys.keys.Keys.of`.
    """
    text = _text_sent()
    if not text:
        return None
    keys: Keys = current_app.extensions["niteru-keys"]
    guesses: Guesses = current_app.extensions["niteru-guesses"]
    address = client_address(current_app, request.environ)
    counts = from_outside()  # on this machine one program would keep all others from their work
    if counts and guesses.too_many(address):
        raise RateLimited(f"more than {MOST_WRONG} wrong keys came from this address: wait, and send the right one")
    key = keys.of(text)
    if key is None and counts:
        guesses.note_wrong(address)
    return key


def _text_sent() -> str:
    try:
        header = request.authorization
    except ValueError:  # malformed
        return ""
    return (header.token if header.type == "bearer" else header.password) or "" if header else ""


def _how_to_send() -> str:
    if _text_sent():
        return "this key opens nothing here: it is mistyped, was withdrawn, or belongs to another service"
    return (
        "send a key as a Bearer token, or as the password of HTTP Basic authentication; the service's owner has one "
        "(NITERU_API_KEY), and makes others with niteru key add NAME"
    )

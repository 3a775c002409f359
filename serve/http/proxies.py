"""Proxies before the service: how one is recognised, what it is believed, and under which path it shows the service."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request

from niteru.engine.failure import Failure

_MARKS = re.compile(
    r"""
    forwarded | via | client-ip | front-end-https | remote-addr
    | x-forward.* | x-real-.* | x-original-.* | x-rewrite-.* | x-prox.* | proxy-.* | x-remote-.*
    | (x-)?(true-)?client-ip | x-cluster-client-ip | x-(url-)?scheme | x-host | x-https? | x-ssl.* | x-varnish
    | x-envoy-.* | x-amzn?-.* | x-azure-.* | x-arr-.* | x-appengine-.* | x-vercel-.* | x-nf-.* | x-akamai-.*
    | x-cloud-.* | x-edge-.* | x-cdn.* | akamai-.* | cdn-.* | cf-.* | fastly-.* | fly-.* | wl-proxy-.*
    """,
    re.VERBOSE,
)
"""Headers by which proxies and networks of them say, whatever else they leave out, that they passed a request on."""
_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_MOST_PREFIX = 200
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class BadPrefix(Failure):
    """``NITERU_PREFIX`` is no path that the service can appear under."""


class BadProxies(Failure):
    """``NITERU_PROXIES`` is no list of networks."""


def passed_on() -> bool:
    """Whether a proxy passed the request on: by a header of theirs, or the version that nginx speaks unless told."""
    return request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0" or any(
        _MARKS.fullmatch(name.lower()) for name, _ in request.headers
    )


def client_address(app: Flask, environ: dict[str, Any]) -> str:
    """Address of a request's client; a proxy that is believed reports it as the last one of ``X-Forwarded-For``."""
    peer = str(environ.get("REMOTE_ADDR", ""))
    forwarded = _last(environ.get("HTTP_X_FORWARDED_FOR", ""))
    return forwarded if forwarded and _is_believed(app, peer) else peer


def register(app: Flask) -> None:
    """Let links begin with the path under which a proxy shows the service, from ``PREFIX`` or ``X-Forwarded-Prefix``.

    Raises:
        BadPrefix: the setting is no path, or begins like one of the service's own.
        BadProxies: ``PROXIES`` has something else than networks.
    """
    app.config["PROXIES"] = _networks(str(app.config["PROXIES"]))
    prefix = str(app.config["PREFIX"]).rstrip("/")
    own = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    if prefix and (not _is_prefix(prefix) or prefix.split("/")[1] in own):
        raise BadPrefix(f"NITERU_PREFIX={prefix} must be a path such as /niteru, and none of the service's own")
    app.wsgi_app = _Prefixed(app, prefix)  # type: ignore[method-assign]


class _Prefixed:
    """Application under a path: a request may come with it, or without it from a proxy that takes it off."""

    def __init__(self, app: Flask, prefix: str) -> None:
        self._app, self._inner, self._prefix = app, app.wsgi_app, prefix

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        prefix, path = self._prefix, environ.get("PATH_INFO", "")
        if prefix and (path + "/").startswith(prefix + "/"):
            environ["PATH_INFO"] = path[len(prefix) :]
        said = _last(environ.get("HTTP_X_FORWARDED_PREFIX", "")).rstrip("/")
        if not prefix and _is_prefix(said) and _is_believed(self._app, environ.get("REMOTE_ADDR", "")):
            prefix = said
        environ["SCRIPT_NAME"] = prefix
        return self._inner(environ, start_response)


def _is_prefix(path: str) -> bool:
    """Whether a path can stand in links as it is: it leads to no other host, and up no folder."""
    return len(path) <= _MOST_PREFIX and _PREFIX.fullmatch(path) is not None


def _is_believed(app: Flask, peer: str) -> bool:
    """Whether an address is one of a proxy's, by default any on this machine."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(peer)
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in app.config["PROXIES"])
    return False


def _networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(one) for one in re.split(r"[\s,]+", text.strip()) if one]
    except ValueError as error:
        raise BadProxies(f"NITERU_PROXIES: {error}; list addresses and networks, such as 10.0.0.0/8") from None


def _last(values: str) -> str:
    return values.rsplit(",", 1)[-1].strip()

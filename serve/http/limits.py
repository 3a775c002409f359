"""Rate limit on expensive questions from one address: with a photo, with ``explain=1``, a picture or a comparison."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Flask, current_app, request
from flask_limiter import Limiter, RequestLimit

from niteru.serve.http.access import from_outside
from niteru.serve.http.proxies import client_address
from niteru.serve.http.refusals import RateLimited

OUTSIDE_LIMIT = "60 per minute"
CODE_LIMIT = "10 per minute"
"""Guesses of a booth's code from one address."""
_CODES = ("booth.let_in", "booth.change")
_EXPENSIVE = (
    "similar.find_similar_to_photos",
    "similar.find_similar",
    "photos.enrol_photos",
    "compare.compare_faces",
    "card.get_card",
    "card.get_card_of_photos",
    "shortlist.get_shortlist",
    "shortlist.get_shortlist_for_photos",
)


def register(app: Flask) -> None:
    """Limit expensive questions to ``RATE_LIMIT``, and those from other machines in any case; per process."""
    limit = str(app.config["RATE_LIMIT"])
    limiter = Limiter(_address, app=app, storage_uri="memory://", on_breach=_refuse)
    shared = limiter.shared_limit(
        limit or OUTSIDE_LIMIT, scope="expensive", exempt_when=lambda: _is_cheap() or not (limit or from_outside())
    )
    codes = limiter.shared_limit(CODE_LIMIT, scope="codes", on_breach=_refuse_code)
    for limit_of, endpoints in ((shared, (*_EXPENSIVE, "booth.answer")), (codes, _CODES)):
        for endpoint in endpoints:
            if endpoint in app.view_functions:  # not every service has a booth
                limited: Any = limit_of(app.view_functions[endpoint])
                app.view_functions[endpoint] = limited


def _address() -> str:
    return client_address(current_app, request.environ)


def _is_cheap() -> bool:
    if request.endpoint == "shortlist.get_shortlist":
        return (request.view_args or {})["wanted"] in ("csv", "json")
    return request.endpoint == "similar.find_similar" and request.args.get("explain", "0") == "0"


def _refuse(limit: RequestLimit) -> NoReturn:
    raise RateLimited(
        f"more than {limit.limit} questions with a photo, with explain=1, or for a comparison, card or sheet"
    )


def _refuse_code(limit: RequestLimit) -> NoReturn:
    raise RateLimited(f"more than {limit.limit} codes were tried")

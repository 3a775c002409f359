"""Rate limit on expensive questions from one address: with a photo, with ``explain=1``, a picture or a comparison."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from niteru.engine.failure import Failure
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
View = Callable[..., Any]


class BadRateLimit(Failure):
    """``NITERU_RATE_LIMIT`` is no limit."""


class _Limit:
    """Count of the requests of each address to some views; per process, and safe to share between threads.

    Args:
        limit: one or several, such as ``"60 per minute"``.
        of_what: what is counted, for the refusal.

    Raises:
        ValueError: this is no limit.
    """

    def __init__(self, limit: str, of_what: str) -> None:
        self._limits, self._of_what = parse_many(limit), of_what
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def before(self, view: View, applies: Callable[[], bool] = lambda: True) -> View:
        """The view, which refuses whoever has asked too often."""

        @functools.wraps(view)
        def limited(**named: Any) -> Any:
            if applies():
                self._count(client_address(current_app, request.environ))
            return view(**named)

        return limited

    def _count(self, address: str) -> None:
        for limit in self._limits:
            if not self._limiter.hit(limit, address):
                raise RateLimited(f"more than {limit} {self._of_what}")


def register(app: Flask) -> None:
    """Limit expensive questions to ``RATE_LIMIT``, and those from other machines in any case; per process.

    Raises:
        BadRateLimit: that setting is no limit.
    """
    given = str(app.config["RATE_LIMIT"])
    try:
        dear = _Limit(
            given or OUTSIDE_LIMIT, "questions with a photo, with explain=1, or for a comparison, card or sheet"
        )
    except ValueError:
        raise BadRateLimit(f"NITERU_RATE_LIMIT={given} is no limit; write it like '60 per minute'") from None
    codes, views = _Limit(CODE_LIMIT, "codes were tried"), app.view_functions
    for endpoint in (*_EXPENSIVE, "booth.answer"):
        if endpoint in views:  # not every service has a booth
            views[endpoint] = dear.before(views[endpoint], lambda: not _is_cheap() and (bool(given) or from_outside()))
    for endpoint in _CODES:
        if endpoint in views:
            views[endpoint] = codes.before(views[endpoint])


def _is_cheap() -> bool:
    if request.endpoint == "shortlist.get_shortlist":
        return (request.view_args or {})["wanted"] in ("csv", "json")
    return request.endpoint == "similar.find_similar" and request.args.get("explain", "0") == "0"

"""How many questions with a photo one address may ask: each costs a decoder, a finder and a network."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Flask
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address

from serve.problems import RateLimited

PUBLIC_LIMIT = "60 per minute"


def register(app: Flask) -> None:
    """Limit ``POST /similar`` as ``RATE_LIMIT`` says, on a public address in any case; each process counts its own."""
    limit = app.config["RATE_LIMIT"] or (PUBLIC_LIMIT if app.config["PUBLIC"] else "")
    if not limit:
        return
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", on_breach=_refuse)
    limited: Any = limiter.limit(limit)(app.view_functions["similar.similar_to_upload"])
    app.view_functions["similar.similar_to_upload"] = limited


def _refuse(limit: RequestLimit) -> NoReturn:
    raise RateLimited(f"more than {limit.limit} questions with a photo")

"""Answers that whoever asked may keep, and asks about each time: 304 where nothing has changed.

So whoever is forgotten is gone from what was kept, too. The tag is made of the answer itself, and not of the number of
the generation: what is said by hand is in answers before the next generation is.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
from typing import Any

from flask import Response, make_response, request, send_file
from flask_smorest import Blueprint

from niteru.serve.http.api import View

_UNCHANGED = "The answer with the ETag of If-None-Match still holds; no body."


def revalidated(blueprint: Blueprint) -> Any:
    """Give the answers of a route a tag, and answer 304 to whoever has the same one already."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def conditional(*positional: Any, **named: Any) -> Response:
            response = make_response(view(*positional, **named))
            if response.status_code == 200:
                response.add_etag(weak=True)  # which an answer with a tag of its own keeps
                response.make_conditional(request)
            return _kept(response)

        described: View = blueprint.alt_response(304, description=_UNCHANGED)(conditional)
        return described

    return decorate


def tagged(response: Response, content: dict[str, Any]) -> Response:
    """Tag an answer by a part of it: by what says the same as long as nothing has changed."""
    response.set_etag(hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16], weak=True)
    return response


def jpeg(data: bytes) -> Response:
    """Answer with a picture."""
    return _kept(send_file(io.BytesIO(data), mimetype="image/jpeg", etag=hashlib.sha256(data).hexdigest()[:16]))


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-cache"
    return response

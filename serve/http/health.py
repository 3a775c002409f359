"""``/healthz`` and ``/readyz``: for whatever keeps the service running."""

from __future__ import annotations

from flask_smorest import Blueprint

from niteru.indexer.ask.live_gallery import IndexMismatch
from niteru.serve.http.api import problems
from niteru.serve.http.context import opened
from niteru.serve.http.schemas import StatusSchema

blueprint = Blueprint("health", __name__, description="For whatever keeps the service running.")


@blueprint.get("/healthz")
@blueprint.response(200, StatusSchema)
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@blueprint.response(200, StatusSchema)
@problems(blueprint, 503)
def readyz() -> dict[str, object]:
    """A generation is loaded and questions can be asked; 503 otherwise."""
    try:
        with opened() as gallery:
            return {"status": "ready", "generation": gallery.generation.number}
    except IndexMismatch:
        raise IndexMismatch("run make index, or see the server's log") from None  # asked without the key, too

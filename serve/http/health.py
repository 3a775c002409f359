"""``/healthz`` and ``/readyz``: probes for whatever keeps the service running."""

from __future__ import annotations

from flask_smorest import Blueprint

from niteru.indexer.ask.live_gallery import IndexMismatch
from niteru.serve.http.api import problems
from niteru.serve.http.context import opened
from niteru.serve.http.schemas import StatusSchema

blueprint = Blueprint("health", __name__, description="Probes for whatever keeps the service running.")


@blueprint.get("/healthz")
@blueprint.response(200, StatusSchema)
def check_health() -> dict[str, str]:
    """Answer 200 while the process runs."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@blueprint.response(200, StatusSchema)
@problems(blueprint, 503)
def check_readiness() -> dict[str, object]:
    """Answer 200 if a generation is loaded and questions can be asked, 503 otherwise."""
    try:
        with opened() as gallery:
            return {"status": "ready", "generation": gallery.generation.number}
    except IndexMismatch:
        # This endpoint is open to everybody, so the details are kept to the log.
        raise IndexMismatch("run niteru index, or see the server's log") from None

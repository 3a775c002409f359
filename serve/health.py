"""``/healthz`` and ``/readyz``: for whatever keeps the service running."""

from __future__ import annotations

from flask import Blueprint

from serve.context import opened

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> dict[str, object]:
    """A generation is loaded and questions can be asked; 503 otherwise."""
    with opened() as gallery:
        return {"status": "ready", "generation": gallery.generation.number}

"""``/names``: what people say by hand of groups, people and faces, and taking it back; takes a key that may write."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from niteru.indexer.update.naming import Said, say, take_back
from niteru.serve.http.access import needs
from niteru.serve.http.api import problems
from niteru.serve.http.context import late_publication, live
from niteru.serve.http.naming_schemas import SaidSchema, WordSchema
from niteru.serve.keys.key import Right

blueprint = Blueprint("names", __name__, description="What people say by hand of groups, people and faces.")


@blueprint.post("/names")
@needs(blueprint, Right.WRITE)
@blueprint.arguments(SaidSchema, error_status_code=400, example={"who": ["12", "face:7"], "name": "Aunt Mary"})
@blueprint.response(200, WordSchema)
@problems(blueprint, 400, 401, 403, 404, 413, 429, 503)
def name_faces(said: Said) -> dict[str, Any]:
    """Say who some are, that they belong together, are nobody, or no faces; answers have it at once."""
    return _carried_out(said)


@blueprint.delete("/names/last")
@needs(blueprint, Right.WRITE)
@blueprint.response(200, WordSchema)
@problems(blueprint, 401, 403, 404, 429, 503)
def undo_name() -> dict[str, Any]:
    """Take back what was said last, whoever said it."""
    return _carried_out(take_back())


def _carried_out(said: Said) -> dict[str, Any]:
    with late_publication().held_off():
        return asdict(say(live().address, said, publish=False))

"""``/key``: which key was sent, and what it may do."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from niteru.serve.http.access import key_in_use, rights
from niteru.serve.http.api import problems
from niteru.serve.keys.key import Right

blueprint = Blueprint("key", __name__, description="The key that was sent.")


class KeySchema(Schema):
    """Key that was sent."""

    name = fields.String(
        required=True, allow_none=True, metadata={"description": "null where none was sent, or one that is not known."}
    )
    may = fields.List(
        fields.String(validate=validate.OneOf(list(Right))),
        required=True,
        metadata={"description": "What whoever asks may do; on the service's own machine everybody may read."},
    )
    until = fields.String(
        required=True, allow_none=True, metadata={"description": "Moment from which it is refused; null for never."}
    )


@blueprint.get("/key")
@blueprint.response(200, KeySchema)
@problems(blueprint, 401)
def get_key() -> dict[str, Any]:
    """Say which key was sent, and what it may do."""
    sent = key_in_use()
    until = sent.until.isoformat() if sent and sent.until else None
    return {"name": sent.name if sent else None, "may": sorted(rights()), "until": until}

"""Schemas of a comparison: what is asked, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load

from niteru.serve.http.parameter_fields import face_choice, known_name, yes_or_no
from niteru.serve.http.schemas import LikenessSchema


@dataclass(frozen=True, slots=True)
class Compared:
    """Validated parameters of a comparison.

    Attributes:
        one, other: a person, a photo or a face of the gallery; empty where a photo is sent.
        one_face, other_face: which face of a photo that is sent.
        explain: 1 to add which parts of the face are alike.
    """

    one: str
    other: str
    one_face: str
    other_face: str
    explain: int


def _side(which: str) -> fields.String:
    return known_name(
        f"Of the gallery, unless a photo is sent as {which}: a person, face:123, or NAME/photo.jpg.", "Ada Lovelace"
    )


class ComparedSchema(Schema):
    """Parameters of ``POST /compare``."""

    one = _side("one")
    other = _side("other")
    one_face = face_choice()
    other_face = face_choice()
    explain = yes_or_no("explain", "1: add the share that parts of the face have in the similarity.")

    @post_load
    def parameters(self, loaded: dict[str, Any], **_: object) -> Compared:
        """Turn the validated values into an object."""
        return Compared(**loaded)


class PairUploadSchema(Schema):
    """Form with a photo or two."""

    one = fields.Raw(metadata={"type": "string", "format": "binary", "description": "A photo."})
    other = fields.Raw(metadata={"type": "string", "format": "binary", "description": "Another photo."})


class ComparedSideSchema(Schema):
    """One side of a comparison."""

    name = fields.String(required=True, metadata={"description": "Of the person; photo for one that was sent."})
    faces = fields.Integer(required=True, metadata={"description": "Number of faces that were compared."})


class ComparisonSchema(LikenessSchema):
    """How alike two are: two people by all of their photos, everything else by the two nearest faces."""

    request_id = fields.String(required=True)
    one = fields.Nested(ComparedSideSchema, required=True)
    other = fields.Nested(ComparedSideSchema, required=True)
    why = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        metadata={"description": "With explain=1: the share of the similarity by part of the face."},
    )

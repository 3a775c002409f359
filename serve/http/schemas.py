"""What goes in and what comes out, once: requests are checked by it, and ``/openapi.json`` is written from it."""

from __future__ import annotations

import re
from typing import Any, get_args

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from niteru.indexer.ask.lookalike import By, Mode
from niteru.indexer.ask.probe import FACE_PATTERN
from niteru.serve.http.parameters import (
    Parameters,
)

MOST_ROWS = 100
MOST_EXPLAINED = 20
MOST_PHOTOS = 8


def _says(what: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"description": what, **more}}


def _one_of(name: str, values: tuple[str, ...], what: str) -> fields.String:
    wrong = f"{name} is one of {', '.join(values)}"
    known = validate.OneOf(values, error=wrong)
    return fields.String(load_default=values[0], validate=known, **_says(what))


class PlainInteger(fields.Integer):
    """Digits alone: ``int`` would also read "+5", "5_0" and the digits of every script."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,4}", str(value)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)  # type: ignore[no-any-return]


class PlainFloat(fields.Float):
    """A number as programs write it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> float:
        if not re.fullmatch(r"[0-9.eE+-]{1,24}", str(value)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)  # type: ignore[no-any-return]


class ParametersSchema(Schema):
    """A query string."""

    @post_load
    def parameters(self, said: dict[str, Any], **_: object) -> Parameters:
        """As the service uses them."""
        return Parameters(**said)


class AskSchema(ParametersSchema):
    """The parameters of ``/similar`` for both methods."""

    k = PlainInteger(
        load_default=10,
        validate=validate.Range(1, MOST_ROWS, error=f"k is a whole number from 1 to {MOST_ROWS}"),
        error_messages={"invalid": f"k is a whole number from 1 to {MOST_ROWS}"},
        **_says("How many rows."),
    )
    by = _one_of("by", get_args(By), "One row a person, or one a face.")
    mode = _one_of(
        "mode", get_args(Mode), "Other people, with those too alike to be others apart; or everybody in one list."
    )
    max_rarity = PlainFloat(
        load_default=None,
        validate=validate.Range(
            0, 1, min_inclusive=False, error="max_rarity is a share above 0 and up to 1, for example 0.001"
        ),
        error_messages={
            "invalid": "max_rarity is a share above 0 and up to 1, for example 0.001",
            "special": "max_rarity is a share above 0 and up to 1, for example 0.001",
        },
        **_says("Leave out what is more common: the share of different-person pairs at least as alike."),
    )
    explain = PlainInteger(
        load_default=0,
        validate=validate.OneOf([0, 1], error="explain is 0 or 1"),
        error_messages={"invalid": "explain is 0 or 1"},
        **_says(
            "1: say for each row what part of the similarity eyes, brows, nose, mouth, jaw and forehead have; "
            f"of at most {MOST_EXPLAINED} rows."
        ),
    )

    @validates_schema
    def few_are_explained(self, said: dict[str, Any], **_: object) -> None:
        """Each row that is explained costs seven embeddings."""
        if said["explain"] and said["k"] > MOST_EXPLAINED:
            raise ValidationError(f"with explain=1 k is at most {MOST_EXPLAINED}", "k")


class AskByRefSchema(AskSchema):
    """``GET /similar``."""

    image = fields.String(
        load_default="", **_says("A face of the gallery, face:123, or a photo's path in it, NAME/photo.jpg.")
    )


class CardSchema(ParametersSchema):
    """``GET /card.png``."""

    image = fields.String(load_default="", **_says("A face of the gallery, as for /similar."))
    k = PlainInteger(
        load_default=3,
        validate=validate.Range(1, 10, error="k is a whole number from 1 to 10"),
        error_messages={"invalid": "k is a whole number from 1 to 10"},
        **_says("How many look-alikes."),
    )


class AskByPhotoSchema(AskSchema):
    """``POST /similar``."""

    face = fields.String(
        load_default="largest",
        validate=validate.Regexp(FACE_PATTERN, error="face is 'largest', 'center' or the number of a face, from 0"),
        **_says("Which face of each photo: largest, center, or a number from 0, the largest first."),
    )


class UploadSchema(Schema):
    """The photos of ``POST /similar``."""

    image = fields.List(
        fields.Raw(metadata={"type": "string", "format": "binary"}),
        **_says("One to eight photos of one person; their robust mean is asked."),
    )


class FaceRefSchema(Schema):
    """A face of an answer."""

    id = fields.Integer(required=True)
    photo = fields.String(required=True)
    similarity = fields.Float(required=True, **_says("Cosine with the question; bigger is more alike."))
    hubness = fields.Float(**_says("How much nearer than usual strangers are to this face."))
    crop = fields.String(required=True, **_says("Path of the aligned face, a JPEG."))


class RowSchema(Schema):
    """A person, or a face, of an answer."""

    rank = fields.Integer(required=True)
    person = fields.String(required=True)
    similarity = fields.Float(required=True)
    rarity = fields.Float(required=True, **_says("Share of different-person pairs at least as alike."))
    faces = fields.List(fields.Nested(FaceRefSchema), required=True)
    why = fields.Dict(
        keys=fields.String(), values=fields.Float(), **_says("With explain=1: the share of each part of the face.")
    )


class GallerySchema(Schema):
    """What answered."""

    generation = fields.Integer(required=True)
    people = fields.Integer(required=True)
    faces = fields.Integer(required=True)
    model = fields.String(required=True)
    calibration = fields.String(required=True, **_says("Where rarity comes from: gallery, or model."))


class SeenFaceSchema(Schema):
    """The face that was asked about."""

    id = fields.Integer()
    box = fields.List(fields.Integer(), required=True, **_says("x, y, width and height in pixels."))
    landmarks = fields.List(fields.List(fields.Float()), required=True)
    score = fields.Float(required=True)
    quality = fields.List(fields.String(), required=True)


class QuerySchema(Schema):
    """The question as it was understood."""

    person = fields.String(required=True, allow_none=True)
    faces_found = fields.Integer(required=True)
    face = fields.Nested(SeenFaceSchema, required=True)
    boxes = fields.List(
        fields.List(fields.Integer()),
        **_says("Of all faces in the first uploaded photo, in the order face counts them."),
    )


class AnswerSchema(Schema):
    """The answer of ``/similar``."""

    request_id = fields.String(required=True)
    gallery = fields.Nested(GallerySchema, required=True)
    query = fields.Nested(QuerySchema, required=True)
    results = fields.List(fields.Nested(RowSchema), required=True)
    same_person = fields.List(fields.Nested(RowSchema), required=True)
    timing_ms = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class PersonSchema(Schema):
    """A person and the number of their faces."""

    person = fields.String(required=True)
    faces = fields.Integer(required=True)


class PeopleSchema(Schema):
    """Everybody."""

    people = fields.List(fields.Nested(PersonSchema), required=True)


class PersonFaceSchema(Schema):
    """A face of a person."""

    id = fields.Integer(required=True)
    photo = fields.String(required=True)
    crop = fields.String(required=True)


class PersonFacesSchema(Schema):
    """A person's faces."""

    person = fields.String(required=True)
    faces = fields.List(fields.Nested(PersonFaceSchema), required=True)


class FaceSchema(SeenFaceSchema):
    """A face of the gallery."""

    photo = fields.String(required=True)
    person = fields.String(required=True, allow_none=True)
    second = fields.Float(allow_none=True, **_says("When in a video it was seen."))
    crop = fields.String(required=True)


class ReceiptSchema(Schema):
    """What was forgotten, and how that was checked."""

    clean = fields.Boolean(required=True)
    person = fields.String(required=True, allow_none=True)
    at = fields.String(required=True)
    photos = fields.List(fields.String(), required=True)
    faces = fields.Integer(required=True)
    elsewhere = fields.Integer(required=True)
    generation = fields.Integer(required=True, allow_none=True)
    generations_removed = fields.List(fields.Integer(), required=True)
    questions = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    files = fields.Integer(required=True)
    traces = fields.List(fields.String(), required=True)
    still_in_faces = fields.List(fields.String(), required=True)
    reports = fields.List(fields.String(), required=True)
    reports_left = fields.List(fields.String(), required=True)


class StatusSchema(Schema):
    """Of the process, or of the gallery."""

    status = fields.String(required=True)
    generation = fields.Integer()


class ProblemSchema(Schema):
    """A failure (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(required=True, allow_none=True)

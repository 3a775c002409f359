"""Schemas of answers: ``/openapi.json`` is written from them, and the tests hold the answers to them."""

from __future__ import annotations

from marshmallow import Schema, fields


class FaceRefSchema(Schema):
    """Face of an answer."""

    id = fields.Integer(required=True)
    photo = fields.String(required=True)
    similarity = fields.Float(
        required=True, metadata={"description": "Cosine of the two vectors; bigger is more alike."}
    )
    hubness = fields.Float(metadata={"description": "How much nearer strangers are to this face than usual."})
    crop = fields.String(required=True, metadata={"description": "Path of the aligned face, a JPEG."})


def _columns() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "What a table of photos says of the person: all values, by column."},
    )


class RowSchema(Schema):
    """Row of an answer: a person, or a face."""

    rank = fields.Integer(required=True)
    person = fields.String(required=True)
    columns = _columns()
    similarity = fields.Float(required=True)
    rarity = fields.Float(required=True, metadata={"description": "Share of different-person pairs at least as alike."})
    faces = fields.List(fields.Nested(FaceRefSchema), required=True)
    why = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        metadata={"description": "With explain=1: the share of the similarity by part of the face."},
    )


class GallerySchema(Schema):
    """Gallery that answered."""

    generation = fields.Integer(required=True)
    people = fields.Integer(required=True)
    faces = fields.Integer(required=True)
    model = fields.String(required=True)
    calibration = fields.String(
        required=True, metadata={"description": "What rarity is measured on: gallery, or model."}
    )


class SeenFaceSchema(Schema):
    """Face that was asked about."""

    id = fields.Integer()
    box = fields.List(fields.Integer(), required=True, metadata={"description": "x, y, width and height in pixels."})
    landmarks = fields.List(fields.List(fields.Float()), required=True)
    score = fields.Float(required=True)
    quality = fields.List(fields.String(), required=True)


class QuerySchema(Schema):
    """Question as it was understood."""

    person = fields.String(required=True, allow_none=True)
    faces_found = fields.Integer(required=True)
    face = fields.Nested(SeenFaceSchema, required=True)
    boxes = fields.List(
        fields.List(fields.Integer()),
        metadata={
            "description": "Boxes of all faces in the first uploaded photo, in the order in which face counts them."
        },
    )
    passing = fields.Integer(metadata={"description": "With where: the number of people who meet all conditions."})
    note = fields.String(metadata={"description": "With where: that nobody does."})


class AnswerSchema(Schema):
    """Answer of ``/similar``."""

    request_id = fields.String(required=True)
    gallery = fields.Nested(GallerySchema, required=True)
    query = fields.Nested(QuerySchema, required=True)
    results = fields.List(fields.Nested(RowSchema), required=True)
    same_person = fields.List(fields.Nested(RowSchema), required=True)
    timing_ms = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class PersonSchema(Schema):
    """Person with the number of their faces."""

    person = fields.String(required=True)
    faces = fields.Integer(required=True)
    columns = _columns()


class PeopleSchema(Schema):
    """List of everybody."""

    people = fields.List(fields.Nested(PersonSchema), required=True)


class PersonFaceSchema(Schema):
    """Face of a person."""

    id = fields.Integer(required=True)
    photo = fields.String(required=True)
    crop = fields.String(required=True)


class PersonFacesSchema(Schema):
    """Person with their faces."""

    person = fields.String(required=True)
    columns = _columns()
    faces = fields.List(fields.Nested(PersonFaceSchema), required=True)


class FaceSchema(SeenFaceSchema):
    """Face of the gallery."""

    photo = fields.String(required=True)
    person = fields.String(required=True, allow_none=True)
    second = fields.Float(allow_none=True, metadata={"description": "Time in the video, in seconds; null for photos."})
    crop = fields.String(required=True)


class ReceiptSchema(Schema):
    """Receipt of a deletion: what was forgotten, and how that was checked."""

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
    unfinished = fields.List(
        fields.String(), required=True, metadata={"description": "What could not be done or checked, with next steps."}
    )


class StatusSchema(Schema):
    """Status of the process or the gallery."""

    status = fields.String(required=True)
    generation = fields.Integer()


class ProblemSchema(Schema):
    """Problem document (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(required=True, allow_none=True)

"""Schemas of the gallery as a whole, and of its most alike pairs."""

from __future__ import annotations

from marshmallow import Schema, fields


class PairSchema(Schema):
    """Two people who are alike."""

    one = fields.String(required=True)
    other = fields.String(required=True)
    similarity = fields.Float(required=True)
    rarity = fields.Float(required=True, metadata={"description": "Share of pairs of people here at least as alike."})
    one_in = fields.Integer(required=True)
    grade = fields.Integer(required=True)
    related = fields.Boolean(required=True, metadata={"description": "Whether the two belong to one family."})


class PairsAnswerSchema(Schema):
    """Most alike pairs, the most alike first."""

    pairs = fields.List(fields.Nested(PairSchema), required=True)


class IndexingSchema(Schema):
    """Run that reads photos now."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class ChangesSchema(Schema):
    """Changes of the gallery, which are numbered."""

    last = fields.Integer(required=True, metadata={"description": "Number of the last change; 0 without any."})
    answered = fields.Integer(
        required=True, metadata={"description": "Number of the last change that answers know of."}
    )


class GalleryStateSchema(Schema):
    """Gallery as a whole."""

    ready = fields.Boolean(required=True, metadata={"description": "Whether questions can be asked."})
    people = fields.Integer(required=True)
    groups = fields.Integer(required=True, metadata={"description": "Groups of faces that nobody has named."})
    drawn = fields.Boolean(required=True, metadata={"description": "Whether niteru drew its people itself."})
    indexing = fields.Nested(IndexingSchema, required=True, allow_none=True)
    changes = fields.Nested(ChangesSchema, required=True)

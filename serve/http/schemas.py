"""Schemas of answers: ``/openapi.json`` is written from them, and the tests hold the answers to them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from niteru.indexer.ask.how_sure import WORDS_OF_SURENESS


def _taken() -> fields.String:
    return fields.String(
        metadata={"description": "Date of the photo, as far as it is known: 1987, 1987-07 or 1987-07-04."}
    )


def _age() -> fields.Integer:
    return fields.Integer(metadata={"description": "Age that the person reaches in the year of the photo, if known."})


class FaceRefSchema(Schema):
    """Face of an answer."""

    id = fields.Integer(required=True)
    photo = fields.String(required=True)
    similarity = fields.Float(
        required=True, metadata={"description": "Cosine of the two vectors; bigger is more alike."}
    )
    hubness = fields.Float(metadata={"description": "How much nearer strangers are to this face than usual."})
    taken = _taken()
    age = _age()
    crop = fields.String(required=True, metadata={"description": "Path of the aligned face, a JPEG."})


def _columns() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "What a table of photos says of the person: all values, by column."},
    )


class LikenessSchema(Schema):
    """How alike somebody is to whom was asked about."""

    similarity = fields.Float(required=True)
    rarity = fields.Float(required=True, metadata={"description": "Share of different-person pairs at least as alike."})
    rarity_from = fields.Float(
        required=True,
        metadata={
            "description": "Rarer end of the interval that the rarity lies in, four times in five, by other "
            "photos of the two."
        },
    )
    rarity_to = fields.Float(required=True, metadata={"description": "More common end of that interval."})
    how_sure = fields.String(
        required=True,
        validate=validate.OneOf(WORDS_OF_SURENESS),
        metadata={"description": "sure: the interval spans less than a factor of 10; fairly sure: less than 100."},
    )
    one_in = fields.Integer(
        required=True, metadata={"description": "One pair in so many is as alike, with two significant digits."}
    )
    grade = fields.Integer(
        required=True, metadata={"description": "0 strikingly alike, 1 very, 2 alike, 3 a little, 4 hardly alike."}
    )
    same_person = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether it may be the same person: so alike as a stranger is in at most one question "
            "of 1,000, whatever the size of the gallery."
        },
    )


class RowSchema(LikenessSchema):
    """Row of an answer: a person, or a face."""

    rank = fields.Integer(required=True)
    person = fields.String(required=True)
    group = fields.Integer(metadata={"description": "Number of the group, where nobody has named the person."})
    columns = _columns()
    related = fields.Boolean(
        required=True,
        metadata={"description": "Whether whoever is asked about and this person belong to one family."},
    )
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


class AskedFaceSchema(SeenFaceSchema):
    """Face that a question shows: the uploaded one, or one of the gallery; a person's is nearest to their mean."""

    crop = fields.String(metadata={"description": "Path of the aligned face, a JPEG; not of an uploaded one."})
    taken = _taken()
    age = _age()


class AgeSchema(Schema):
    """Ages that were asked about; ``from`` and ``to`` belong to them."""

    low = fields.Integer(required=True, data_key="from")
    high = fields.Integer(required=True, data_key="to")
    people = fields.Integer(required=True, metadata={"description": "Number of people with a photo at these ages."})
    without_birth_year = fields.Integer(
        required=True, metadata={"description": "Number of people and groups left out: their birth year is not known."}
    )
    without_date = fields.Integer(
        required=True, metadata={"description": "Number of people left out: none of their photos has a date."}
    )


class QuerySchema(Schema):
    """Question as it was understood."""

    asked = fields.String(
        required=True,
        metadata={"description": "person: somebody of the gallery by all of their photos; photo: anything else."},
    )
    person = fields.String(required=True, allow_none=True)
    faces_found = fields.Integer(required=True)
    face = fields.Nested(AskedFaceSchema, required=True)
    boxes = fields.List(
        fields.List(fields.Integer()),
        metadata={
            "description": "Boxes of all faces in the first uploaded photo, in the order in which face counts them."
        },
    )
    passing = fields.Integer(
        metadata={"description": "With where or not_related: the number of people who may be in the answer."}
    )
    relatives = fields.Integer(metadata={"description": "With not_related: the number of relatives left out."})
    age = fields.Nested(AgeSchema, metadata={"description": "With age: the ages, and who has none."})
    note = fields.String(metadata={"description": "Who is left out and why, in sentences, if anybody is."})


class AnswerSchema(Schema):
    """Answer of ``/similar``."""

    request_id = fields.String(required=True)
    gallery = fields.Nested(GallerySchema, required=True)
    query = fields.Nested(QuerySchema, required=True)
    nobody_alike = fields.Boolean(
        required=True,
        metadata={"description": "Whether even the first row is common: more than 1 pair in 100 is as alike."},
    )
    results = fields.List(fields.Nested(RowSchema), required=True)
    same_person = fields.List(
        fields.Nested(RowSchema),
        required=True,
        metadata={"description": "Those of the results, once more, that may be the same person."},
    )
    timing_ms = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class PersonSchema(Schema):
    """Person with the number of their faces."""

    person = fields.String(required=True)
    faces = fields.Integer(required=True)
    columns = _columns()


class PeopleSchema(Schema):
    """List of everybody."""

    groups = fields.Integer(
        required=True, metadata={"description": "Number of groups of faces that nobody has named; /groups lists them."}
    )
    total = fields.Integer(required=True, metadata={"description": "Number of people in the whole list."})
    people = fields.List(fields.Nested(PersonSchema), required=True)


class PersonFaceSchema(Schema):
    """Face of a person."""

    id = fields.Integer(required=True)
    photo = fields.String(required=True)
    crop = fields.String(required=True)
    taken = _taken()
    age = _age()


class PersonFacesSchema(Schema):
    """Person with their faces."""

    person = fields.String(required=True)
    columns = _columns()
    total = fields.Integer(required=True, metadata={"description": "Number of faces in the whole list."})
    faces = fields.List(fields.Nested(PersonFaceSchema), required=True)


class RangeSchema(Schema):
    """Smallest and largest number or date, as the table has them."""

    low = fields.String(required=True)
    high = fields.String(required=True)


class ColumnSchema(Schema):
    """Column of a table."""

    column = fields.String(required=True)
    people = fields.Integer(required=True, metadata={"description": "Number of people whom it says something of."})
    distinct = fields.Integer(required=True, metadata={"description": "Number of different values."})
    words = fields.Integer(
        required=True, metadata={"description": "Number of different values that are neither numbers nor dates."}
    )
    range = fields.Nested(
        RangeSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Of its numbers and dates; null without any."},
    )


class ColumnsSchema(Schema):
    """List of columns."""

    people = fields.Integer(required=True, metadata={"description": "Number of people who meet the conditions."})
    columns = fields.List(fields.Nested(ColumnSchema), required=True)


class ValueSchema(Schema):
    """Value of a column."""

    value = fields.String(required=True)
    people = fields.Integer(required=True)


class ColumnValuesSchema(ColumnSchema):
    """Column with its values, the most frequent first."""

    total = fields.Integer(required=True, metadata={"description": "Number of values in the whole list."})
    values = fields.List(fields.Nested(ValueSchema), required=True)


class PortraitSchema(Schema):
    """Face that shows a person: the one nearest to the mean of all of theirs."""

    id = fields.Integer(required=True)
    photo = fields.String(required=True)
    crop = fields.String(required=True)


class PickedSchema(Schema):
    """Person of a shortlist."""

    person = fields.String(required=True)
    columns = _columns()
    faces = fields.Integer(required=True)
    face = fields.Nested(PortraitSchema, required=True)
    likeness = fields.Nested(
        LikenessSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null where nobody is compared with, and for that person themself."},
    )


class PickedFromSchema(Schema):
    """Gallery of a shortlist."""

    name = fields.String(required=True)
    generation = fields.Integer(required=True)


class PickedForSchema(Schema):
    """Whom people were picked for."""

    person = fields.String(required=True, allow_none=True, metadata={"description": "null for an uploaded photo."})


class ShortlistAnswerSchema(Schema):
    """Shortlist, in the order in which people were picked."""

    gallery = fields.Nested(PickedFromSchema, required=True)
    day = fields.String(required=True)
    columns = fields.List(fields.String(), required=True)
    people = fields.List(fields.Nested(PickedSchema), required=True)
    picked_for = fields.Nested(PickedForSchema, data_key="for", required=True, allow_none=True)


class FaceInPhotoSchema(Schema):
    """Face in a photo of the gallery."""

    id = fields.Integer(required=True)
    person = fields.String(required=True, allow_none=True)
    box = fields.List(fields.Integer(), required=True)


class FaceSchema(SeenFaceSchema):
    """Face of the gallery."""

    photo = fields.String(required=True)
    person = fields.String(required=True, allow_none=True)
    second = fields.Float(allow_none=True, metadata={"description": "Time in the video, in seconds; null for photos."})
    crop = fields.String(required=True)
    taken = _taken()
    age = _age()
    size = fields.Tuple(
        (fields.Integer(), fields.Integer()),
        required=True,
        allow_none=True,
        metadata={"description": "Width and height of the photo, upright; null where it cannot be read."},
    )
    in_photo = fields.List(fields.Nested(FaceInPhotoSchema), required=True)


class ReceiptSchema(Schema):
    """Receipt of a deletion: what was forgotten, and how that was checked."""

    clean = fields.Boolean(required=True)
    person = fields.String(required=True, allow_none=True)
    at = fields.String(required=True)
    photos = fields.List(fields.String(), required=True)
    faces = fields.Integer(required=True)
    elsewhere = fields.Integer(required=True)
    others = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Others who were on these photos, or had the same files, and how many they keep."},
    )
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

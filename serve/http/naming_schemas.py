"""Schemas of groups without a name, and of what people say of them: questions, and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema
from typing_extensions import override

from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.lives.told import Told
from niteru.indexer.update import naming
from niteru.serve.http.paging import Paging, PagingSchema
from niteru.serve.http.parameter_fields import whole_number

MOST_PILES = 500
MOST_GROUPS = 999_999_999
MOST_MEANT = 10_000
MOST_LETTERS = 500
_ASIDE = {"nobody": VerdictKind.NOBODY, "no_face": VerdictKind.NO_FACE}
_SAY_WHO = "list in who: numbers of groups, names of people, or faces as face:ID"
_SAYINGS = ("name", "split", *_ASIDE)
_TOLD = ("born", "family")
_WRONG_YEAR = "born is a year, a whole number such as 1931"
MOST_FAMILIES = 20


@dataclass(frozen=True, slots=True)
class GroupsQuery(Paging):
    """Which groups are asked for: some of all, the largest first, or the one that has a number."""

    number: int | None


class GroupsQuerySchema(PagingSchema):
    """Parameters of ``GET /groups``."""

    limit = whole_number("limit", 0, MOST_PILES, 60, "Number of groups at most; 0 for the numbers of all alone.")
    number = whole_number("number", 1, MOST_GROUPS, None, "Only the group with this number, if it is there.")

    @post_load
    def paging(self, loaded: dict[str, Any], **_: object) -> Paging:
        """Turn the validated values into an object."""
        return GroupsQuery(**loaded)


class PileFaceSchema(Schema):
    """Face of a group."""

    id = fields.Integer(required=True)
    crop = fields.String(required=True, metadata={"description": "Path of the aligned face, a JPEG."})


class PerhapsSchema(Schema):
    """Whom a group may show: somebody, or the person of another group."""

    person = fields.String(required=True)
    group = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Number of the other group; null for a person."}
    )
    similarity = fields.Float(required=True, metadata={"description": "Cosine of both on average."})


class PileSchema(Schema):
    """Group of faces that nobody has named."""

    number = fields.Integer(required=True)
    person = fields.String(required=True, metadata={"description": "What it is called until it has a name."})
    count = fields.Integer(required=True, metadata={"description": "Number of faces."})
    photos = fields.Integer(required=True, metadata={"description": "Number of photos that show them."})
    faces = fields.List(
        fields.Nested(PileFaceSchema),
        required=True,
        metadata={"description": "The twelve most like the others; /people/unnamed NUMBER lists all."},
    )
    perhaps = fields.Nested(
        PerhapsSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Whom it may show, as nobody else is so near; null without. Decided by nobody yet."},
    )


class GroupsSchema(Schema):
    """Groups of faces that nobody has named, the largest first."""

    total = fields.Integer(required=True, metadata={"description": "Number of all groups."})
    unnamed = fields.Integer(required=True, metadata={"description": "Number of faces in them."})
    named = fields.Integer(required=True, metadata={"description": "Number of faces of people with a name."})
    groups = fields.List(fields.Nested(PileSchema), required=True)


class Yes(fields.Boolean):
    """JSON's true, and nothing else."""

    @override
    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        if value is not True:
            raise ValidationError(f"{attr} can only be true")
        return True


class SaidSchema(Schema):
    """What somebody says by hand: of ``who``, one thing."""

    class Meta:
        """Whatever is unknown is an error."""

        unknown = RAISE

    who = fields.List(
        fields.String(validate=validate.Length(1, MOST_LETTERS, error=f"one of who has 1 to {MOST_LETTERS} letters")),
        required=True,
        validate=validate.Length(1, MOST_MEANT, error=f"who lists 1 to {MOST_MEANT} of those who are meant"),
        error_messages=dict.fromkeys(("required", "invalid"), _SAY_WHO),
        metadata={"description": 'Groups as "12" or "unnamed 12", names of people, or faces as "face:7".'},
    )
    name = fields.String(
        validate=validate.Length(max=MOST_LETTERS, error=f"a name has at most {MOST_LETTERS} letters"),
        metadata={"description": "They are this person, new or known; or of this group, as unnamed 12."},
    )
    born = fields.Integer(
        strict=True,
        error_messages=dict.fromkeys(("invalid", "null", "too_large"), _WRONG_YEAR),
        metadata={"description": "The year in which they were born; of people, alone or with name."},
    )
    family = fields.List(
        fields.String(),
        validate=validate.Length(max=MOST_FAMILIES, error=f"family lists {MOST_FAMILIES} at most"),
        error_messages=dict.fromkeys(("invalid", "null"), "family is a list of names"),
        metadata={"description": "The families that they belong to, or none; of people, alone or with name."},
    )
    split = Yes(metadata={"description": "They belong together, and not to the group that they are in."})
    nobody = Yes(metadata={"description": "Whoever they are, they are searched no more."})
    no_face = Yes(metadata={"description": "They are no faces."})

    @validates_schema
    def one_thing_is_said(self, loaded: dict[str, Any], **_: object) -> None:
        """Refuse to say nothing, or several things at once."""
        said, told = [one for one in _SAYINGS if one in loaded], any(one in loaded for one in _TOLD)
        if len(said) > 1 or not (said or told):
            raise ValidationError(f"say one of {', '.join(_SAYINGS)}, or {' and '.join(_TOLD)}", "name")
        if told and said not in ([], ["name"]):
            raise ValidationError(f"{' and '.join(_TOLD)} are told of people with a name, not with {said[0]}", "name")

    @post_load
    def said(self, loaded: dict[str, Any], **_: object) -> naming.Said:
        """Turn the validated values into what is carried out."""
        who, told = loaded["who"], Told(loaded.get("born"), tuple(loaded["family"]) if "family" in loaded else None)
        if "name" in loaded:
            return naming.name(who, loaded["name"], told)
        if told:
            return naming.tell(who, told)
        if "split" in loaded:
            return naming.split(who)
        return naming.set_aside(who, next(kind for saying, kind in _ASIDE.items() if saying in loaded))


class WordSchema(Schema):
    """What was carried out."""

    faces = fields.Integer(required=True, metadata={"description": "Number of faces that it was said of."})
    name = fields.String(required=True, metadata={"description": "Whose they are now; empty for nobody's."})

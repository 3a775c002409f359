"""Parameters of requests: schemas that validate the query string, and the object that the routes get."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, get_args

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema
from typing_extensions import override

from niteru.indexer.ask.ages import Ages, BadAge
from niteru.indexer.ask.chosen_face import FACE_PATTERN
from niteru.indexer.ask.lookalike import By, Mode
from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language
from niteru.indexer.ask.shortlist import MOST_PICKED
from niteru.serve.pictures.card import FORMATS, Format

MOST_ROWS = 100
MOST_EXPLAINED = 20
MOST_PHOTOS = 8
MOST_CONDITIONS = 16
_WRONG_ROWS = "k must be 1 or 3"
_WRONG_RARITY = "max_rarity must be a share above 0 and up to 1, for example 0.001"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Validated parameters of a question; a schema leaves out those that its route does not take.

    Attributes:
        k, by, mode, max_rarity, where: see :class:`niteru.indexer.ask.lookalike.Question`.
        age: see :class:`niteru.indexer.ask.ages.Ages`; None for all ages.
        not_related: 1 to leave out people of one family with whoever is asked about.
        explain: 1 to add which parts of the face are alike.
        image: reference to a face of the gallery; empty for uploads.
        person: name of a person of the gallery; empty otherwise.
        face: which face of an uploaded photo to ask about: ``main``, ``largest``, ``center`` or a number.
        format: of a card.
        language: of the words on a card or a sheet.
        other: name of the one person to compare with; empty for everybody.
    """

    k: int
    by: By = "person"
    mode: Mode = "lookalike"
    max_rarity: float | None = None
    where: tuple[str, ...] = ()
    age: Ages | None = None
    not_related: int = 0
    explain: int = 0
    image: str = ""
    person: str = ""
    face: str = "main"
    format: Format = "square"
    language: Language = "en"
    other: str = ""


class PlainInteger(fields.Integer):
    """Integer in ASCII digits alone: ``int`` would also read "+5", "5_0" and the digits of every script."""

    @override
    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(value)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)  # type: ignore[no-any-return]


class PlainFloat(fields.Float):
    """Number in plain notation: ``float`` would also read "1_0", "inf" and the digits of every script."""

    @override
    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> float:
        if not re.fullmatch(r"[0-9.eE+-]{1,24}", str(value)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **more)  # type: ignore[no-any-return]


class AgesField(fields.String):
    """An age, or a range of ages."""

    @override
    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        try:
            return Ages.parse(str(super()._deserialize(value, attr, data, **more)))
        except BadAge as error:
            raise ValidationError(f"age: {error}") from None


def _yes_or_no(name: str, description: str) -> PlainInteger:
    wrong = f"{name} must be 0 or 1"
    return PlainInteger(
        load_default=0,
        validate=validate.OneOf([0, 1], error=wrong),
        error_messages={"invalid": wrong},
        metadata={"description": description},
    )


def _one_of(name: str, values: tuple[str, ...], description: str) -> fields.String:
    known = validate.OneOf(values, error=f"{name} must be one of {', '.join(values)}")
    return fields.String(load_default=values[0], validate=known, metadata={"description": description})


def whole_number(name: str, least: int, most: int, default: int | None, description: str) -> PlainInteger:
    """Parameter that is a whole number; ``default`` is not held to the limits."""
    wrong = f"{name} must be a whole number from {least} to {most}"
    return PlainInteger(
        load_default=default,
        validate=validate.Range(least, most, error=wrong),
        error_messages={"invalid": wrong},
        metadata={"description": description},
    )


def _count(most: int, default: int, description: str) -> PlainInteger:
    return whole_number("k", 1, most, default, description)


def _conditions() -> fields.List[Any]:
    return fields.List(
        fields.String(validate=validate.Length(max=500, error="a condition in where has at most 500 letters")),
        load_default=(),
        validate=validate.Length(max=MOST_CONDITIONS, error=f"where is given more than {MOST_CONDITIONS} times"),
        metadata={
            "description": "Only people of whom a table says this: COLUMN:VALUE, or COLUMN:LOW..HIGH for numbers and "
            "dates. Can be given several times; all conditions are met then."
        },
    )


class WhereSchema(Schema):
    """Parameters of ``GET /people`` and ``GET /columns``."""

    where = _conditions()


class ParametersSchema(Schema):
    """Query string that loads as :class:`Parameters`."""

    @post_load
    def parameters(self, loaded: dict[str, Any], **_: object) -> Parameters:
        """Turn the validated values into an object."""
        return Parameters(**{**loaded, "where": tuple(loaded.get("where", ()))})


class AskSchema(ParametersSchema):
    """Parameters of ``/similar`` that both methods take."""

    k = _count(MOST_ROWS, 10, "Number of rows.")
    by = _one_of("by", get_args(By), "One row per person, or one per face.")
    mode = _one_of(
        "mode",
        get_args(Mode),
        "lookalike: other people; all: everybody, whoever is asked about as well.",
    )
    max_rarity = PlainFloat(
        load_default=None,
        validate=validate.Range(0, 1, min_inclusive=False, error=_WRONG_RARITY),
        error_messages={"invalid": _WRONG_RARITY, "special": _WRONG_RARITY},
        metadata={
            "description": "Leave out what is more common: the share of different-person pairs at least as alike."
        },
    )
    where = _conditions()
    other = fields.String(
        load_default="", metadata={"description": "Name of one person of the gallery: only how alike they are."}
    )
    age = AgesField(
        load_default=None,
        metadata={
            "description": "Only photos that show people so old, by the photo's date and their year of birth: 20 for "
            "18 to 22, a tenth more or less; or a range such as 18..25. A person is asked about by such photos, too."
        },
    )
    not_related = _yes_or_no("not_related", "1: leave out people of one family with whoever is asked about.")
    explain = _yes_or_no(
        "explain",
        "1: add to each row the share that eyes, brows, nose, mouth, jaw and forehead have in the similarity; for at "
        f"most {MOST_EXPLAINED} rows.",
    )

    @validates_schema
    def few_are_explained(self, loaded: dict[str, Any], **_: object) -> None:
        """Refuse to explain many rows: each costs seven embeddings."""
        if loaded["explain"] and loaded["k"] > MOST_EXPLAINED:
            raise ValidationError(f"with explain=1 k must be at most {MOST_EXPLAINED}", "k")


def _face() -> fields.String:
    return fields.String(
        load_default="main",
        validate=validate.Regexp(
            FACE_PATTERN, error="face must be 'main', 'largest', 'center' or the number of a face, counted from 0"
        ),
        metadata={"description": "Which face of each photo: main, largest, center, or a number; 0 is the largest."},
    )


def _person() -> fields.String:
    return fields.String(
        load_default="", metadata={"description": "Name of a person of the gallery, asked by all of their photos."}
    )


class AskByRefSchema(AskSchema):
    """Parameters of ``GET /similar``."""

    image = fields.String(
        load_default="",
        metadata={"description": "A face of the gallery, face:123, or the path of a photo in it, NAME/photo.jpg."},
    )
    person = _person()


class AskByPhotoSchema(AskSchema):
    """Parameters of ``POST /similar``."""

    face = _face()


class CardSchema(ParametersSchema):
    """Parameters of ``/card.png`` that both methods take."""

    k = PlainInteger(
        load_default=3,
        validate=validate.OneOf([1, 3], error=_WRONG_ROWS),
        error_messages={"invalid": _WRONG_ROWS},
        metadata={"description": "Look-alikes: 1 for a pair, with the tint of where the likeness lies; or 3."},
    )
    other = fields.String(
        load_default="", metadata={"description": "Name of a person of the gallery, for a pair of the two."}
    )
    format = _one_of("format", FORMATS, "Pixels: square is 1080×1080, portrait 1080×1350, story 1080×1920.")
    language = _one_of("language", LANGUAGES, "Language of the words on the card.")


class CardByNameSchema(CardSchema):
    """Parameters of ``GET /card.png``."""

    image = fields.String(load_default="", metadata={"description": "A face of the gallery, as for /similar."})
    person = _person()


class CardByPhotoSchema(CardSchema):
    """Parameters of ``POST /card.png``."""

    face = _face()


@dataclass(frozen=True, slots=True)
class ShortlistParameters:
    """Validated parameters of a shortlist.

    Attributes:
        people: names of those picked.
        picked_for: person, photo or face of the gallery with whom they are compared; empty for none.
        columns: names of those to show.
        face: see :class:`Parameters`.
        language: of the words on a sheet.
    """

    people: tuple[str, ...]
    picked_for: str = ""
    columns: tuple[str, ...] = ()
    face: str = "main"
    language: Language = "en"


class ShortlistSchema(Schema):
    """Parameters of ``/shortlist`` that both methods take."""

    people = fields.List(
        fields.String(validate=validate.Length(1, 500, error="a name in person has 1 to 500 letters")),
        data_key="person",
        required=True,
        validate=validate.Length(1, MOST_PICKED, error=f"person is given 1 to {MOST_PICKED} times"),
        error_messages={"required": "pick somebody with person=NAME, several times for several people"},
        metadata={"description": "Name of a person of the gallery; several times for several people, in this order."},
    )
    columns = fields.List(
        fields.String(validate=validate.Length(max=500, error="the names in columns have at most 500 letters")),
        load_default=(),
        validate=validate.Length(max=MOST_CONDITIONS, error=f"columns is given more than {MOST_CONDITIONS} times"),
        metadata={"description": "Columns of the table to show, separated by commas; none by default."},
    )
    language = _one_of("language", LANGUAGES, "Language of the words on a sheet.")

    @post_load
    def parameters(self, loaded: dict[str, Any], **_: object) -> ShortlistParameters:
        """Turn the validated values into an object."""
        lists = {name: tuple(loaded[name]) for name in ("people", "columns")}
        return ShortlistParameters(**{**loaded, **lists})


class ShortlistByNameSchema(ShortlistSchema):
    """Parameters of ``GET /shortlist``."""

    picked_for = fields.String(
        data_key="for",
        load_default="",
        metadata={"description": "With whom they are compared: a person, a photo NAME/photo.jpg, or face:123."},
    )


class ShortlistByPhotoSchema(ShortlistSchema):
    """Parameters of ``POST /shortlist``."""

    face = _face()


class UploadSchema(Schema):
    """Form with photos."""

    image = fields.List(
        fields.Raw(metadata={"type": "string", "format": "binary"}),
        metadata={"description": f"One to {MOST_PHOTOS} photos of one person, whose vectors are averaged robustly."},
    )

"""Parameters of requests: schemas that validate the query string, and the object that the routes get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from niteru.indexer.ask.ages import Ages
from niteru.indexer.ask.lookalike import By, Mode
from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language
from niteru.serve.http.parameter_fields import (
    AgesField,
    PlainFloat,
    PlainInteger,
    conditions,
    face_choice,
    known_name,
    one_of,
    whole_number,
    yes_or_no,
)
from niteru.serve.pictures.card import FORMATS, Format

MOST_ROWS = 100
MOST_EXPLAINED = 20
MOST_PHOTOS = 8
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


class WhereSchema(Schema):
    """Parameters of ``GET /columns``."""

    where = conditions()


class ParametersSchema(Schema):
    """Query string that loads as :class:`Parameters`."""

    @post_load
    def parameters(self, loaded: dict[str, Any], **_: object) -> Parameters:
        """Turn the validated values into an object."""
        return Parameters(**{**loaded, "where": tuple(loaded.get("where", ()))})


class AskSchema(ParametersSchema):
    """Parameters of ``/similar`` that both methods take."""

    k = whole_number("k", 1, MOST_ROWS, 10, "Number of rows.")
    by = one_of("by", get_args(By), "One row per person, or one per face.")
    mode = one_of(
        "mode",
        get_args(Mode),
        "lookalike: other people; all: everybody, whoever is asked about as well.",
    )
    max_rarity = PlainFloat(
        load_default=None,
        validate=validate.Range(0, 1, min_inclusive=False, error=_WRONG_RARITY),
        error_messages={"invalid": _WRONG_RARITY, "special": _WRONG_RARITY},
        metadata={
            "description": "Leave out what is more common: the share of different-person pairs at least as alike.",
            "examples": [0.001],
        },
    )
    where = conditions()
    other = known_name("Name of one person of the gallery: only how alike they are.", "Mary Somerville")
    age = AgesField(
        load_default=None,
        metadata={
            "description": "Only photos that show people so old, by the photo's date and their year of birth: 20 for "
            "18 to 22, a tenth more or less; or a range such as 18..25. A person is asked about by such photos, too.",
            "examples": ["18..25"],
        },
    )
    not_related = yes_or_no("not_related", "1: leave out people of one family with whoever is asked about.")
    explain = yes_or_no(
        "explain",
        "1: add to each row the share that eyes, brows, nose, mouth, jaw and forehead have in the similarity; for at "
        f"most {MOST_EXPLAINED} rows.",
    )

    @validates_schema
    def few_are_explained(self, loaded: dict[str, Any], **_: object) -> None:
        """Refuse to explain many rows: each costs seven embeddings."""
        if loaded["explain"] and loaded["k"] > MOST_EXPLAINED:
            raise ValidationError(f"with explain=1 k must be at most {MOST_EXPLAINED}", "k")


class AskByRefSchema(AskSchema):
    """Parameters of ``GET /similar``."""

    image = known_name("A face of the gallery, face:123, or the path of a photo in it, NAME/photo.jpg.", "face:123")
    person = known_name("Name of a person of the gallery, asked by all of their photos.", "Ada Lovelace")


class AskByPhotoSchema(AskSchema):
    """Parameters of ``POST /similar``."""

    face = face_choice()


class CardSchema(ParametersSchema):
    """Parameters of ``/card.png`` that both methods take."""

    k = PlainInteger(
        load_default=3,
        validate=validate.OneOf([1, 3], error=_WRONG_ROWS),
        error_messages={"invalid": _WRONG_ROWS},
        metadata={"description": "Look-alikes: 1 for a pair, with the tint of where the likeness lies; or 3."},
    )
    other = known_name("Name of a person of the gallery, for a pair of the two.", "Mary Somerville")
    format = one_of("format", FORMATS, "Pixels: square is 1080×1080, portrait 1080×1350, story 1080×1920.")
    language = one_of("language", LANGUAGES, "Language of the words on the card.")


class CardByNameSchema(CardSchema):
    """Parameters of ``GET /card.png``."""

    image = known_name("A face of the gallery, as for /similar.", "face:123")
    person = known_name("Name of a person of the gallery, asked by all of their photos.", "Ada Lovelace")


class CardByPhotoSchema(CardSchema):
    """Parameters of ``POST /card.png``."""

    face = face_choice()


class UploadSchema(Schema):
    """Form with photos."""

    image = fields.List(
        fields.Raw(metadata={"type": "string", "format": "binary"}),
        metadata={"description": f"One to {MOST_PHOTOS} photos of one person, whose vectors are averaged robustly."},
    )

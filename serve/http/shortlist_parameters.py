"""Parameters of ``/shortlist``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language
from niteru.indexer.ask.shortlist import MOST_PICKED
from niteru.serve.http.parameter_fields import MOST_CONDITIONS, face_choice, one_of


@dataclass(frozen=True, slots=True)
class ShortlistParameters:
    """Validated parameters of a shortlist.

    Attributes:
        people: names of those picked.
        picked_for: person, photo or face of the gallery with whom they are compared; empty for none.
        columns: names of those to show.
        face: see :class:`niteru.serve.http.parameters.Parameters`.
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
        metadata={
            "description": "Name of a person of the gallery; several times for several people, in this order.",
            "examples": [["Ada Lovelace", "Mary Somerville"]],
        },
    )
    columns = fields.List(
        fields.String(validate=validate.Length(max=500, error="the names in columns have at most 500 letters")),
        load_default=(),
        validate=validate.Length(max=MOST_CONDITIONS, error=f"columns is given more than {MOST_CONDITIONS} times"),
        metadata={
            "description": "Columns of the table to show, separated by commas; none by default.",
            "examples": [["agency", "born"]],
        },
    )
    language = one_of("language", LANGUAGES, "Language of the words on a sheet.")

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
        metadata={
            "description": "With whom they are compared: a person, a photo NAME/photo.jpg, or face:123.",
            "examples": ["Ada Lovelace"],
        },
    )


class ShortlistByPhotoSchema(ShortlistSchema):
    """Parameters of ``POST /shortlist``."""

    face = face_choice()

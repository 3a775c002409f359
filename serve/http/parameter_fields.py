"""Kinds of parameters that the schemas of requests are made of."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, validate
from typing_extensions import override

from niteru.indexer.ask.ages import Ages, BadAge
from niteru.indexer.ask.chosen_face import FACE_PATTERN

MOST_CONDITIONS = 16


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


def yes_or_no(name: str, description: str) -> PlainInteger:
    """Parameter that is 1 for yes, or 0."""
    wrong = f"{name} must be 0 or 1"
    return PlainInteger(
        load_default=0,
        validate=validate.OneOf([0, 1], error=wrong),
        error_messages={"invalid": wrong},
        metadata={"description": description},
    )


def one_of(name: str, values: tuple[str, ...], description: str) -> fields.String:
    """Parameter that is one of some words, the first by default."""
    known = validate.OneOf(values, error=f"{name} must be one of {', '.join(values)}")
    return fields.String(load_default=values[0], validate=known, metadata={"description": description})


def whole_number(name: str, least: int, most: int, default: int | None, description: str) -> PlainInteger:
    """Parameter that is a whole number; ``default`` is not held to the limits."""
    wrong = f"{name} must be a whole number from {least} to {most}"
    return PlainInteger(
        load_default=default,
        validate=validate.Range(least, most, error=wrong),
        error_messages={"invalid": wrong},
        metadata={"description": description, "examples": [least if default is None else default]},
    )


def conditions() -> fields.List[Any]:
    """Parameter ``where``, which may be given several times."""
    return fields.List(
        fields.String(validate=validate.Length(max=500, error="a condition in where has at most 500 letters")),
        load_default=(),
        validate=validate.Length(max=MOST_CONDITIONS, error=f"where is given more than {MOST_CONDITIONS} times"),
        metadata={
            "description": "Only people of whom a table says this: COLUMN:VALUE, or COLUMN:LOW..HIGH for numbers and "
            "dates. Can be given several times; all conditions are met then.",
            "examples": [["agency:Elite", "born:1990..2000"]],
        },
    )


def face_choice(default: str | None = "main", without: str = "") -> fields.String:
    """Parameter that chooses one face of a photo; ``without`` says what is done where nothing is the default."""
    known = "Which face of each photo: main, largest, center, or a number; 0 is the largest."
    return fields.String(
        load_default=default,
        validate=validate.Regexp(
            FACE_PATTERN, error="face must be 'main', 'largest', 'center' or the number of a face, counted from 0"
        ),
        metadata={"description": f"{known} {without}".strip(), **({} if default else {"examples": ["main"]})},
    )


def known_name(description: str, example: str) -> fields.String:
    """Parameter that names something of the gallery; empty by default."""
    return fields.String(load_default="", metadata={"description": description, "examples": [example]})

"""Settings of a booth, which its staff choose and which outlast a restart."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from niteru.engine.work.write_atomically import write_atomically
from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language
from niteru.serve.http.parameter_fields import MOST_CONDITIONS

log = logging.getLogger("niteru.serve")


@dataclass(frozen=True, slots=True)
class Settings:
    """What staff choose.

    Attributes:
        language: that the page begins in.
        mirror: whether the camera's picture is shown as in a mirror.
        countdown: seconds before the picture is taken.
        rest: seconds after which an answer, or a page that nobody touches, goes back to the start.
        card: minutes for which a phone can fetch the card; 0 for no card.
        where: conditions that look-alikes meet, see :mod:`niteru.indexer.generations.where`.
    """

    language: Language = "en"
    mirror: bool = True
    countdown: int = 3
    rest: int = 60
    card: int = 5
    where: tuple[str, ...] = ()


class SettingsSchema(Schema):
    """JSON that loads as :class:`Settings`."""

    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    mirror = fields.Boolean(required=True)
    countdown = fields.Integer(required=True, validate=validate.Range(0, 10))
    rest = fields.Integer(required=True, validate=validate.Range(15, 600))
    card = fields.Integer(required=True, validate=validate.Range(0, 15))
    where = fields.List(
        fields.String(validate=validate.Length(1, 500)), required=True, validate=validate.Length(max=MOST_CONDITIONS)
    )

    @post_load
    def settings(self, loaded: dict[str, Any], **_: object) -> Settings:
        """Turn the validated values into an object."""
        return Settings(**{**loaded, "where": tuple(loaded["where"])})


def read_settings(file: Path) -> Settings:
    """Settings that were kept; those to begin with where there are none, or none that can be read."""
    try:
        settings: Settings = SettingsSchema(unknown=RAISE).loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, ValidationError):
        log.warning("%s cannot be read: the booth begins with the settings it came with", file)
        return Settings()
    return settings


def keep_settings(file: Path, settings: Settings) -> None:
    """Write settings to a file, whose folder is made where it is missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(file) as aside:
        aside.write_text(json.dumps(asdict(settings), ensure_ascii=False), encoding="utf-8")

"""Parameters of the pictures of a gallery, and of the pairs that its page begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, post_load

from niteru.serve.http.parameter_fields import known_name, whole_number

MOST_PIXELS = 4096


@dataclass(frozen=True, slots=True)
class PictureParameters:
    """Whose picture, by name or by a reference to a face, and its longer side in pixels."""

    side: int
    person: str = ""
    image: str = ""


class PhotoSchema(Schema):
    """Parameters of ``GET /photo.jpg``."""

    image = known_name("A face of the gallery, face:123, or the path of a photo in it.", "face:123")
    side = whole_number("side", 16, MOST_PIXELS, 1600, "Pixels of the longer side, at most.")

    @post_load
    def parameters(self, loaded: dict[str, Any], **_: object) -> PictureParameters:
        """Turn the validated values into an object."""
        return PictureParameters(**loaded)


class FacePictureSchema(PhotoSchema):
    """Parameters of ``GET /portrait.jpg``."""

    person = known_name("Name of a person of the gallery: the photo that shows them best.", "Ada Lovelace")
    side = whole_number("side", 16, 1024, 320, "Pixels of the side, at most.")


class PairsSchema(Schema):
    """Parameters of ``GET /pairs``."""

    k = whole_number("k", 1, 100, 24, "Number of pairs, at most.")

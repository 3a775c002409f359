"""Frame with a portrait in it, tinted where its likeness to another lies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from niteru.engine.embedding.regions import PARTS
from niteru.engine.faces.alignment import CROP_SIZE
from niteru.indexer.ask.portraits import Portrait
from niteru.serve.pictures.drawing import LINE

_TINT, _STRENGTH, _SOFT = (255, 47, 142), 0.33, 3.0
"""Colour of the tint, its opacity where the likeness is largest, and its blur in pixels of the 112-pixel template."""
_BEYOND = 12
"""Pixels of that template around it."""
_ROUND = 0.07
"""Radius of the corners, by the frame's width."""
Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels."""


def frame(
    picture: Image.Image,
    face: Portrait | None,
    box: Box,
    why: Mapping[str, float] | None = None,
    inset: float | None = None,
) -> None:
    """Paste a portrait with round corners.

    Args:
        picture: to paste it into.
        face: whom to show; None leaves the frame empty.
        box: place of the frame; one that is narrower than high loses what is beside the face.
        why: share of each part of the face in the likeness, for the tint.
        inset: of what is shown of the portrait, where that is less than all.
    """
    left, top, width, height = box
    shown = Image.new("RGB", (width, height), LINE)
    if face is not None:
        square = _square(face, max(width, height), face.inset if inset is None else inset, why or {})
        shown.paste(square, ((width - square.width) // 2, (height - square.height) // 2))
    mask = Image.new("L", (width * 2, height * 2), 0)
    radius = round(2 * _ROUND * width)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 2 * width - 1, 2 * height - 1), radius, 255)
    picture.paste(shown, (left, top), mask.resize((width, height), Image.Resampling.LANCZOS))


def _square(face: Portrait, side: int, inset: float, why: Mapping[str, float]) -> Image.Image:
    """The middle of a portrait at a size, with the tint of the search page: the larger the share, the stronger."""
    whole = Image.fromarray(face.pixels)
    crop = whole.width * (1 - 2 * face.inset)
    edge = max(0.0, (whole.width - crop / (1 - 2 * inset)) / 2)  # not a rounding error less
    box = (edge, edge, whole.width - edge, whole.width - edge)
    square = whole.resize((side, side), Image.Resampling.LANCZOS, box)
    if why:
        inner = round(side * (1 - 2 * inset) * (1 + 2 * _BEYOND / CROP_SIZE))
        veil = _veil(why).resize((inner, inner), Image.Resampling.BICUBIC)
        square.paste(_TINT, ((side - inner) // 2, (side - inner) // 2), veil)
    return square


def _veil(why: Mapping[str, float]) -> Image.Image:
    """Opacity of the tint over the aligned crop, and as far beyond it as its blur reaches."""
    most = max([*why.values(), 0.01])
    veil = np.zeros((CROP_SIZE, CROP_SIZE), np.float32)
    for name, share in why.items():
        for left, top, right, bottom in PARTS[name]:
            veil[top:bottom, left:right] = np.maximum(veil[top:bottom, left:right], share / most)
    veil = np.pad(veil, _BEYOND)
    return Image.fromarray(np.asarray(255 * _STRENGTH * veil, np.uint8)).filter(ImageFilter.GaussianBlur(_SOFT))

"""Pictures of more than eight bits a colour, of which Pillow keeps the upper eight bits or which it does not read."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from niteru.engine import Pixels
from niteru.engine.photos.decoding.colours import deep_to_rgb
from niteru.engine.photos.decoding.limits import check_size, halvings
from niteru.engine.photos.decoding.opencv import by_opencv
from niteru.engine.photos.decoding.picture import Stored

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ORIENTATION = 274


def is_tiff(data: bytes) -> bool:
    """Whether these are the bytes of a TIFF."""
    return data.startswith(_TIFF)


def is_deep(image: Image.Image) -> bool:
    """Whether an opened picture has more bits than Pillow reads: more than eight in colour, or than sixteen in grey."""
    if image.format == "TIFF":
        bits = max(image.tag_v2.get(258, (8,)))  # type: ignore[attr-defined]
        return bits > 16 or (bits > 8 and image.mode in ("RGB", "RGBA", "LA"))
    arguments = image.tile[0].args if isinstance(image, ImageFile.ImageFile) and image.tile else ""
    return image.format == "PNG" and image.mode != "I;16" and ";16" in str(arguments)


def read_deep(data: bytes) -> Stored:
    """Read a TIFF, or a PNG that is not grey, with more than eight bits a colour.

    Raises:
        PhotoError: it is too large.
        Exception: it is damaged, or packed in a way that is not known; errors are of many kinds.
    """
    samples, orientation = _of_tiff(data) if is_tiff(data) else (by_opencv(data), 1)
    divisor = halvings(samples.shape[1], samples.shape[0])
    if samples.ndim == 2 or samples.shape[2] == 3:
        return Stored(deep_to_rgb(samples, divisor), orientation, divisor)
    colours = samples[..., :3] if samples.shape[2] > 3 else samples[..., 0]
    pixels = _over_white(deep_to_rgb(colours), _opacity(samples[..., -1]))
    return Stored(np.asarray(Image.fromarray(pixels).reduce(divisor)), orientation, divisor)


def _opacity(alpha: NDArray[Any]) -> NDArray[np.float32]:
    most = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "ui" else 1.0
    return (alpha / np.float32(most)).astype(np.float32)[..., None]


def _over_white(pixels: Pixels, opacity: NDArray[np.float32]) -> Pixels:
    return np.asarray(np.rint(255 - (255 - pixels) * opacity), np.uint8)


def _of_tiff(data: bytes) -> tuple[NDArray[Any], int]:
    """Samples of a TIFF's first page, (height, width) or (height, width, samples), and its orientation."""
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages[0]
        check_size(page.imagewidth, page.imagelength)
        tag = page.tags.get(_ORIENTATION)
        orientation = tag.value if tag is not None and tag.value in range(1, 9) else 1
        with contextlib.suppress(ValueError):  # packed in a way that tifffile leaves to another package
            samples = page.asarray(maxworkers=1)
            samples = np.moveaxis(samples, 0, -1) if page.axes.startswith("S") else samples
            return (samples.max() - samples if page.photometric == 0 else samples), orientation  # 0: white is zero
        if page.planarconfig != 1:
            raise ValueError(f"a TIFF of separate colours, packed by {page.compression.name}")
    return by_opencv(data), orientation

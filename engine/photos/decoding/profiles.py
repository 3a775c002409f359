"""Colour profiles: colours as a camera, a scanner or a press means them, turned into sRGB."""

from __future__ import annotations

import functools
import io

import numpy as np
from PIL import Image, ImageCms

MOST_BYTES = 4 * 1024 * 1024
"""Of a profile; those of presses have two and a half million."""
UNSEEN = 2
"""Largest difference between a profile's colours and sRGB that nobody sees."""
_SPACES = {"RGB": "RGB ", "CMYK": "CMYK", "L": "GRAY"}
_STEPS = np.arange(0, 256, 51, dtype=np.uint8)


def has_profile(image: Image.Image) -> bool:
    """Whether the colours of a picture, of mode RGB, L, CMYK or LAB, differ visibly from sRGB's."""
    return _transform_of(image) is not None


def as_srgb(image: Image.Image, profiled: Image.Image) -> Image.Image:
    """Turn the colours of a part of a picture, of the same mode, into sRGB by the profile of the whole one."""
    transform = _transform_of(profiled)
    if transform is None:
        return image
    # Another picture of the same mode, for Pillow puts the target's profile into it, which nobody reads.
    return ImageCms.applyTransform(image, transform) or image


def _transform_of(image: Image.Image) -> ImageCms.ImageCmsTransform | None:
    if image.mode == "LAB":
        return _lab()
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or len(profile) > MOST_BYTES:
        return None
    return _transform(profile, image.mode)


@functools.cache
def _lab() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB")


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@functools.lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Transform to sRGB; None where there is nothing to be done, or the profile is broken, or of other colours."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != _SPACES.get(mode):
            return None
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        # Without compensation of the black point: what a press calls black was measured, and is dark grey.
        transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB", intent)
        return None if mode != "CMYK" and _changes_nothing(transform, mode) else transform
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a transform leaves colours as they are, as most do: cameras write sRGB's profile into every picture."""
    colours = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(-1, 1, 3)
    sample = Image.fromarray(colours if mode == "RGB" else np.arange(256, dtype=np.uint8)[:, None])
    turned = ImageCms.applyTransform(sample, transform)
    if turned is None:
        return False
    plain = np.asarray(sample.convert("RGB"), np.int16)
    return int(np.abs(np.asarray(turned, np.int16) - plain).max()) <= UNSEEN

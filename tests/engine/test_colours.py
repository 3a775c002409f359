"""Colours: profiles, depths, and pictures of every mode."""

import io

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from bench.hostile_pictures import face, saved
from niteru.engine.photos.decode import decode
from niteru.engine.photos.decoding.colours import deep_to_rgb
from niteru.engine.photos.photo_error import CorruptImage
from support.profiles import display_p3, press

DEPTHS = ("u1", "u2", "u4", "u8", "i2", "i4", "f2", "f4", "f8")


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference."""
    return float(np.abs(one.astype(int) - other).mean())


def expected(picture: Image.Image, profile: bytes) -> np.ndarray:
    """What a picture's colours are by its profile."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return np.asarray(ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), 1, "RGB"))


def test_a_wide_gamut_is_followed() -> None:
    picture = face()
    found = decode(saved(picture, "PNG", icc_profile=display_p3()))
    assert apart(found, expected(picture, display_p3())) < 1
    assert apart(found, np.asarray(picture)) > 2, "the numbers alone are other colours"


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_press_is_followed(kind: str) -> None:
    picture = face().convert("CMYK")
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    found = decode(saved(picture, kind, icc_profile=press(), **options))
    assert apart(found, expected(picture, press())) < 3
    assert apart(found, np.asarray(picture.convert("RGB"))) > 10


def test_transparent_pictures_and_palettes_have_profiles_too() -> None:
    clear = face().convert("RGBA")
    clear.putalpha(255)
    for picture in (clear, face().quantize(64)):
        plain = picture.convert("RGB")
        found = decode(saved(picture, "PNG", icc_profile=display_p3()))
        assert apart(found, expected(plain, display_p3())) < 1


def test_the_usual_profile_changes_nothing() -> None:
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode(saved(face(), "PNG", icc_profile=usual)), np.asarray(face()))


@pytest.mark.parametrize("profile", [b"no profile", display_p3()[:200], press(), display_p3()[:-60] + b"\xff" * 60])
def test_a_profile_that_cannot_be_followed_is_not(profile: bytes) -> None:
    found = decode(saved(face(), "PNG", icc_profile=profile))
    assert apart(found, np.asarray(face())) < 60
    assert found.std() > 10


def test_the_colours_of_print_shops_are_read() -> None:
    lab = ImageCms.applyTransform(
        face(),
        ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"),
    )
    assert apart(decode(saved(lab, "TIFF")), np.asarray(face())) < 3


def deep(kind: str, picture: np.ndarray) -> np.ndarray:
    scale = {"f": 1 / 255, "u": 2.0 ** (8 * int(kind[1]) - 9), "i": 2.0 ** (8 * int(kind[1]) - 10)}[kind[0]]
    return (picture * (scale if kind != "u1" else 1)).astype(kind)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planes", ["contig", "separate", None], ids=lambda planes: planes or "grey")
@pytest.mark.parametrize("kind", DEPTHS)
def test_every_depth_is_read_by_the_range_it_uses(kind: str, planes: str | None, order: str) -> None:
    picture = np.asarray(face() if planes else face().convert("L"))
    data = io.BytesIO()
    stored = np.moveaxis(picture, 2, 0) if planes == "separate" else picture
    options = {"photometric": "rgb", "planarconfig": planes} if planes else {"photometric": "minisblack"}
    tifffile.imwrite(data, deep(kind, stored), byteorder=order, **options)
    found = decode(data.getvalue()).astype(float)
    wanted = picture * (255.0 / picture.max() if kind != "u1" else 1)
    assert np.abs(found - (wanted if planes else wanted[..., None])).max() <= 1.5


@pytest.mark.parametrize("packing", [1, 5, 8], ids=["not packed", "LZW", "deflate"])
def test_deep_pictures_of_other_programs(packing: int) -> None:
    stored = deep("u2", np.asarray(face()))[..., ::-1]
    data = cv2.imencode(".tif", stored, [cv2.IMWRITE_TIFF_COMPRESSION, packing])[1].tobytes()
    assert apart(decode(data), np.asarray(face()) * (255.0 / np.asarray(face()).max())) < 1.5


@pytest.mark.parametrize("scale", [16, 257], ids=["12 bits in 16", "16 bits"])
@pytest.mark.parametrize("alpha", [False, True])
def test_deep_png_in_colour(scale: int, alpha: bool) -> None:
    picture = np.asarray(face()).astype(np.uint16) * scale
    stored = picture[..., ::-1]
    if alpha:
        clear = np.full((*picture.shape[:2], 1), 65535, np.uint16)
        clear[:10] = 0
        stored = np.concatenate([stored, clear], axis=2)
    found = decode(cv2.imencode(".png", stored)[1].tobytes())
    wanted = np.asarray(face()) * (255.0 / np.asarray(face()).max())
    assert apart(found[10:], wanted[10:]) < 1.5
    assert not alpha or found[:10].min() == 255, "what is transparent is white"


def test_a_deep_picture_is_turned_and_what_is_broken_has_a_name() -> None:
    data = io.BytesIO()
    picture = deep("f4", np.asarray(face()))
    tifffile.imwrite(data, picture, photometric="rgb", extratags=[(274, "H", 1, 6, True)])
    plain = io.BytesIO()
    tifffile.imwrite(plain, picture, photometric="rgb")
    assert np.array_equal(decode(data.getvalue()), np.rot90(decode(plain.getvalue()), -1))
    with pytest.raises(CorruptImage):
        decode(data.getvalue()[: len(data.getvalue()) // 3])


MODES = {
    "1": ["PNG", "TIFF", "BMP"],
    "L": ["BMP"],
    "P": ["GIF", "TIFF", "BMP"],
    "LA": ["PNG", "TIFF"],
    "CMYK": ["JPEG", "TIFF"],
    "YCbCr": ["TIFF"],
    "RGBA": ["TIFF", "WEBP", "AVIF"],
}


@pytest.mark.parametrize(("mode", "kind"), [(mode, kind) for mode, kinds in MODES.items() for kind in kinds])
def test_every_mode_of_every_format(mode: str, kind: str) -> None:
    picture = face().convert(mode)
    plain = np.asarray(picture.convert("RGB"))
    assert apart(decode(saved(picture, kind)), plain) < 4


def test_a_palette_with_a_transparent_colour() -> None:
    picture = Image.new("P", (40, 40), 0)
    picture.putpalette([0, 0, 0, 250, 0, 0])
    picture.paste(1, (0, 20, 40, 40))
    found = decode(saved(picture, "PNG", transparency=0))
    assert found[0, 0].tolist() == [255, 255, 255]
    assert found[39, 0].tolist() == [250, 0, 0]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u2", "i2", "f2"])
def test_samples_of_two_bytes_become_what_wider_ones_do(kind: str, order: str) -> None:
    samples = np.random.default_rng(0).normal(500, 2000, (40, 30, 3)).clip(0 if kind == "u2" else None, None)
    samples = samples.astype(order + kind)
    if kind == "f2":
        samples[0, 0], samples[1, 1], samples[2, 2] = np.nan, np.inf, -np.inf
    wide = samples.astype("f8" if kind == "f2" else "i8")
    assert (deep_to_rgb(samples) == deep_to_rgb(wide)).all()
    assert (deep_to_rgb(samples[..., ::-1], 2) == deep_to_rgb(wide[..., ::-1], 2)).all()

"""Limits: hostile pictures are refused at once, large photos are halved, and boxes stay where the faces are."""

from time import process_time

import numpy as np
import pytest
from PIL import Image

from bench.hostile_pictures import HOSTILE, face, heif, saved, tiff
from niteru.engine.faces.detector import load_detector
from niteru.engine.faces.extraction import extract
from niteru.engine.photos.decode import decode, read_picture
from niteru.engine.photos.decoding.limits import MAX_PIXELS
from niteru.engine.photos.photo_error import PhotoError, TooComplex, TooManyPixels
from support.drawings import drawn

ALLOWED = {
    "png, packed texts",
    "png, packed profile",
    "png, more than its size",
    "jpeg, restarts",
    "bmp, jumps",
    "tiff, a page after itself",
    "tiff, 100,000 blank pages",
    "webp, 16,000 frames",
}
"""Strange, and shown by every viewer."""


@pytest.mark.parametrize("name", [name for name in HOSTILE if "million" not in name and "allowed" not in name])
def test_what_asks_for_too_much_work_is_refused_at_once(name: str) -> None:
    data = HOSTILE[name]()
    start = process_time()
    try:
        decode(data)
        outcome = "decoded"
    except PhotoError as error:
        outcome = error.slug
    assert process_time() - start < 1.5
    wanted = {"decoded"} if name in ALLOWED else {"too-complex"}
    assert outcome in ({"decoded", "corrupt-image"} if name.startswith("bmp") else wanted)


@pytest.mark.parametrize("size", [(16 * 501, 16), (20, 20_000)])
def test_a_picture_is_no_line(size: tuple[int, int]) -> None:
    with pytest.raises(TooComplex):
        decode(saved(Image.new("L", size), "PNG"))


def test_what_cameras_and_programs_write_is_far_from_the_limits() -> None:
    long = Image.Exif()
    long[0x9286] = "n" * 60_000
    photo = face(160)
    plain = [
        saved(photo.resize((900, 900)), "JPEG", progressive=True, quality=95, exif=long, icc_profile=bytes(1_000_000)),
        saved(photo, "JPEG", restart_marker_blocks=1),
        saved(Image.effect_noise((2000, 1500), 90).convert("RGB"), "PNG"),
        saved(photo, "GIF", save_all=True, append_images=[photo.rotate(one) for one in range(60)]),
        saved(photo, "WEBP", save_all=True, append_images=[photo.rotate(one) for one in range(60)]),
        saved(photo.resize((400, 3000)), "TIFF", tiffinfo={278: 1}),
        saved(photo.resize((6000, 200)), "JPEG"),
    ]
    for data in plain:
        assert decode(data).std() > 5


@pytest.mark.parametrize("tag", [273, 279, 324, 330])
def test_lists_of_a_tiff_end(tag: int) -> None:
    with pytest.raises(TooComplex, match=f"tag {tag}"):
        decode(tiff([(256, 4, 1, 64), (257, 4, 1, 64), (tag, 4, 900_000, 8)], bytes(3_600_000)))


def large(width: int, height: int) -> Image.Image:
    """A photo of a large camera, with a face in the middle."""
    drawing = drawn(3)
    picture = Image.new("RGB", (width, height), (90, 110, 100))
    side = height // 2
    picture.paste(Image.fromarray(drawing.image).resize((side, side)), ((width - side) // 2, (height - side) // 2))
    return picture


@pytest.mark.parametrize(
    ("kind", "size", "scale"),
    [
        ("JPEG", (6240, 4160), 2),
        ("JPEG", (12_000, 8_400), 4),
        ("PNG", (6240, 4160), 2),
        ("TIFF", (7000, 7000), 2),
        ("HEIF", (6240, 4160), 2),
        ("JPEG", (5000, 5000), 1),
    ],
)
def test_a_large_photo_is_halved(kind: str, size: tuple[int, int], scale: int) -> None:
    whole = Image.new("RGB", size, (200, 30, 40))
    whole.paste((20, 30, 200), (0, 0, size[0] // 2, size[1]))
    options = {"compression": "tiff_lzw"} if kind == "TIFF" else {}
    picture = read_picture(heif(whole) if kind == "HEIF" else saved(whole, kind, **options))
    assert picture.scale == scale
    assert picture.pixels.shape == (-(-size[1] // scale), -(-size[0] // scale), 3)
    assert picture.pixels.shape[0] * picture.pixels.shape[1] <= MAX_PIXELS
    assert np.abs(picture.pixels[50, 50].astype(int) - (20, 30, 200)).max() < 6
    assert np.abs(picture.pixels[50, -50].astype(int) - (200, 30, 40)).max() < 6


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_what_cannot_be_halved_while_it_is_read_has_a_limit(kind: str) -> None:
    size = (7200, 7000) if kind != "WEBP" else (5100, 5000)
    with pytest.raises(TooManyPixels, match="million pixels allowed"):
        decode(saved(Image.new("1" if kind == "TIFF" else "L", size), kind))


def test_boxes_are_in_the_pixels_of_the_photo() -> None:
    """Of the upright photo, though it was halved when it was read."""
    detector, small = load_detector(), large(1560, 1040)
    exif = Image.Exif()
    exif[0x0112] = 6
    (known,) = extract(read_picture(saved(small, "JPEG", quality=95)), detector)
    turned = small.resize((6240, 4160)).transpose(Image.Transpose.ROTATE_90)
    picture = read_picture(saved(turned, "JPEG", quality=95, exif=exif))
    assert picture.scale == 2
    (found,) = extract(picture, detector)
    assert np.abs(np.subtract(found.face.box, [4 * value for value in known.face.box])).max() < 60
    assert np.abs(found.face.landmarks - 4 * known.face.landmarks).max() < 40
    assert found.crop.shape == (112, 112, 3)


def test_animations_of_large_blank_frames_are_not_searched_for_long() -> None:
    start = process_time()
    data = HOSTILE["gif, blank frames of 16 million pixels"]()
    assert decode(data).std() == 0
    assert process_time() - start < 4


def test_nothing_is_read_of_a_file_that_is_too_large(tmp_path) -> None:
    file = tmp_path / "large.jpg"
    with file.open("wb") as out:
        out.truncate(2**35)
    with pytest.raises(PhotoError) as caught:
        decode(file)
    assert caught.value.slug == "too-large"

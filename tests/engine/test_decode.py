import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from niteru.engine.photos.decode import decode
from niteru.engine.photos.decoding.limits import MAX_BYTES
from niteru.engine.photos.decoding.stored import FORMATS
from niteru.engine.photos.photo_error import CorruptImage, PhotoError, Unreadable


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def quarters() -> Image.Image:
    """40×24 with a different colour in each quarter, so that every turn shows."""
    pixels = np.zeros((24, 40, 3), np.uint8)
    pixels[:12, :20], pixels[:12, 20:] = (255, 0, 0), (0, 255, 0)
    pixels[12:, :20], pixels[12:, 20:] = (0, 0, 255), (255, 255, 255)
    return Image.fromarray(pixels)


def test_rgb_stays_rgb(quarters: Image.Image) -> None:
    pixels = decode(encoded(quarters))
    assert pixels.shape == (24, 40, 3)
    assert pixels.dtype == np.uint8
    assert pixels[0, 0].tolist() == [255, 0, 0]
    assert pixels[23, 0].tolist() == [0, 0, 255]


@pytest.mark.parametrize(
    ("orientation", "undo"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_exif_orientation_is_undone(quarters: Image.Image, orientation: int, undo: Image.Transpose | None) -> None:
    stored = quarters if undo is None else quarters.transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(decode(encoded(stored, exif=exif)), np.asarray(quarters))


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK"])
def test_every_mode_becomes_rgb(quarters: Image.Image, mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    pixels = decode(encoded(quarters.convert(mode), kind))
    assert pixels.shape == (24, 40, 3)
    assert pixels[20, 30].min() > 200  # the white quarter is white


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (32, 1))
    pixels = decode(encoded(Image.fromarray(ramp)))
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[0, 32, 0] == pytest.approx(130, abs=2)
    assert pixels[0, 63].tolist() == [255, 255, 255]


def test_transparency_lies_over_white() -> None:
    assert decode(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)))).min() == 255


def test_the_name_does_not_matter(tmp_path: Path, quarters: Image.Image) -> None:
    file = tmp_path / "фото 顔.txt"
    file.write_bytes(encoded(quarters, "JPEG"))
    assert decode(file).shape == (24, 40, 3)


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_bomb_is_refused_by_its_header() -> None:
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    bomb = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")
    with pytest.raises(PhotoError) as caught:
        decode(bomb)
    assert caught.value.slug == "too-many-pixels"


def test_what_is_wrong_has_a_name(tmp_path: Path, quarters: Image.Image) -> None:
    whole = encoded(quarters.resize((300, 300)), "JPEG")
    cases = {
        b"": "empty-file",
        b"not a picture at all": "unsupported-type",
        b"%PDF-1.7 and so on": "unsupported-type",
        whole[: len(whole) // 2]: "corrupt-image",
        encoded(Image.new("RGB", (1, 1))): "too-few-pixels",
        encoded(Image.new("L", (10_000, 5001))): "too-many-pixels",
        b"\0" * (MAX_BYTES + 1): "too-large",
    }
    for data, reason in cases.items():
        with pytest.raises(PhotoError) as caught:
            decode(data)
        assert caught.value.slug == reason
    for missing in (tmp_path / "nothing.jpg", tmp_path):
        with pytest.raises(Unreadable):
            decode(missing)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def shaded() -> Image.Image:
    """A picture in which every row differs."""
    return Image.fromarray(np.add.outer(np.arange(64), np.arange(48)).astype(np.uint8) * 2)


def test_a_photo_without_its_last_bytes_is_a_photo(shaded: Image.Image) -> None:
    whole = saved(shaded.convert("RGB"), "JPEG", quality=95)
    for cut in (1, 2):
        assert np.abs(decode(whole[:-cut]).astype(int) - decode(whole)).mean() < 1
    with pytest.raises(CorruptImage):
        decode(whole[: len(whole) // 2])


def test_half_a_photo_is_none_however_it_was_held(shaded: Image.Image) -> None:
    """What is missing of it is at its side once it is turned."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    whole = saved(shaded.convert("RGB").resize((96, 128)), "JPEG", quality=95, exif=exif)
    assert decode(whole[:-2]).shape == (96, 128, 3)
    with pytest.raises(CorruptImage):
        decode(whole[: len(whole) * 2 // 3])


def test_a_wrong_checksum_beside_the_pixels_is_overlooked(shaded: Image.Image) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("who", "somebody")
    data = saved(shaded, "PNG", pnginfo=text)
    place = data.index(b"somebody") + len(b"somebody")
    wrong = data[:place] + b"\0\0\0\0" + data[place + 4 :]
    assert np.array_equal(decode(wrong), decode(data))


@pytest.mark.parametrize("scale", [1 / 255, 16, 257], ids=["fractions", "12 bits in 16", "16 bits"])
def test_deep_grey_is_read_by_the_range_it_uses(shaded: Image.Image, scale: float) -> None:
    grey = np.asarray(shaded).astype(np.float32)
    deep = (grey * scale).astype(np.float32 if scale < 1 else np.uint16)
    found = decode(saved(Image.fromarray(deep), "TIFF"))
    expected = grey * (255 / grey.max())
    assert np.abs(found[..., 0] - expected).max() <= 1


def test_bytes_of_sixteen_bits_come_in_either_order(shaded: Image.Image) -> None:
    deep = np.asarray(shaded).astype(">u2") * 257
    big = Image.frombytes("I;16B", shaded.size, deep.tobytes())
    assert np.array_equal(decode(saved(big, "TIFF")), decode(saved(Image.fromarray(deep.astype("<u2")), "TIFF")))


def test_an_animation_is_its_first_frame_with_anything(shaded: Image.Image) -> None:
    blank = Image.new("L", shaded.size, 255)
    data = saved(blank, "GIF", save_all=True, append_images=[blank, shaded], duration=100)
    assert decode(data).std() > 10


@pytest.mark.skipif("AVIF" not in FORMATS, reason="this Pillow was built without AVIF")
def test_avif_is_read(shaded: Image.Image) -> None:
    assert np.abs(decode(saved(shaded.convert("RGB"), "AVIF")).astype(int) - np.asarray(shaded)[..., None]).mean() < 4

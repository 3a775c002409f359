import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from niteru.engine.photos import decode as photo
from niteru.engine.photos.decode import decode


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
    with pytest.raises(photo.PhotoError) as caught:
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
        encoded(Image.new("L", (6000, 5000))): "too-many-pixels",
        b"\0" * (photo.MAX_BYTES + 1): "too-large",
    }
    for data, reason in cases.items():
        with pytest.raises(photo.PhotoError) as caught:
            decode(data)
        assert caught.value.slug == reason
    for missing in (tmp_path / "nothing.jpg", tmp_path):
        with pytest.raises(photo.Unreadable):
            decode(missing)

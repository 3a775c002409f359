"""HEIC and HEIF: what phones write."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from bench.hostile_pictures import face, heif
from niteru.engine.photos.decode import SUFFIXES, decode
from niteru.engine.photos.photo_error import PhotoError
from support.profiles import display_p3


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """Two and a half times as wide as high, so that every turn shows."""
    return face(256).crop((0, 60, 256, 160))


def test_a_heic_is_read(photo: Image.Image) -> None:
    assert apart(decode(heif(photo, quality=95)), np.asarray(photo)) < 4
    assert {".heic", ".heif", ".hif"} <= SUFFIXES


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_once(photo: Image.Image, orientation: int) -> None:
    """The file says so twice: for its own readers, and in its EXIF block."""
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = photo.transpose(Image.Transpose(undo[orientation])) if orientation in undo else photo
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = heif(stored, quality=95, exif=exif.tobytes())
    assert (b"irot" in data or b"imir" in data) == (orientation != 1)
    found = decode(data)
    assert found.shape == (photo.height, photo.width, 3)
    assert apart(found, np.asarray(photo)) < 5


def test_ten_bits(photo: Image.Image) -> None:
    deep = (np.asarray(photo).astype(np.uint16) * 257).astype("<u2")
    encoder = pillow_heif.from_bytes("RGB;16", photo.size, deep.tobytes())
    pillow_heif.options.SAVE_HDR_TO_12_BIT = False
    data = io.BytesIO()
    encoder.save(data, quality=95)
    assert pillow_heif.open_heif(io.BytesIO(data.getvalue()), convert_hdr_to_8bit=False).mode == "RGB;16"
    assert apart(decode(data.getvalue()), np.asarray(photo)) < 4


def test_grey_clear_and_wide(photo: Image.Image) -> None:
    assert apart(decode(heif(photo.convert("L"), quality=95)), np.asarray(photo.convert("L"))[..., None]) < 4
    clear = photo.convert("RGBA")
    clear.putalpha(0)
    assert decode(heif(clear, quality=95)).min() > 250
    wide = photo.copy()
    wide.info["icc_profile"] = display_p3()
    assert apart(decode(heif(wide, quality=95)), np.asarray(photo)) > 1.5


def box(name: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + name + content


def full(name: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


def boxes(data: bytes) -> dict[bytes, bytes]:
    found, place = {}, 0
    while place < len(data):
        size = struct.unpack_from(">I", data, place)[0]
        found[data[place + 4 : place + 8]] = data[place + 8 : place + size]
        place += size
    return found


def test_tiles_are_put_together(photo: Image.Image) -> None:
    """Phones write a photo as a grid of pictures."""
    tiles = [photo.resize((128, 64)), photo.rotate(180).resize((128, 64))]
    files = [heif(tile, quality=95, save_nclx_profile=False) for tile in tiles]
    coded, settings = [], []
    for file in files:
        properties = boxes(boxes(boxes(file)[b"meta"][4:])[b"iprp"])
        settings.append(boxes(properties[b"ipco"])[b"hvcC"])
        coded.append(boxes(file)[b"mdat"])
    grid = bytes((0, 0, 0, 1)) + struct.pack(">HH", 256, 64)
    contents = [grid, *coded]
    sizes = [full(b"ispe", struct.pack(">II", *size)) for size in ((256, 64), (128, 64))]
    properties = box(b"ipco", *sizes, *(box(b"hvcC", one) for one in settings))
    links = b"".join(struct.pack(">HB", item, len(to)) + bytes(to) for item, to in ((1, [1]), (2, [2, 3]), (3, [2, 4])))
    entries = [full(b"infe", struct.pack(">HH4sB", item, 0, kind, 0), version=2)
               for item, kind in ((1, b"grid"), (2, b"hvc1"), (3, b"hvc1"))]  # fmt: skip

    def meta(start: int) -> bytes:
        places, where = b"", start
        for item, content in enumerate(contents, start=1):
            places += struct.pack(">HHHII", item, 0, 1, where, len(content))
            where += len(content)
        return full(
            b"meta",
            full(b"hdlr", struct.pack(">I4s12sB", 0, b"pict", b"", 0)),
            full(b"pitm", struct.pack(">H", 1)),
            full(b"iloc", b"\x44\x00" + struct.pack(">H", 3) + places),
            full(b"iinf", struct.pack(">H", 3), *entries),
            full(b"iref", box(b"dimg", struct.pack(">HHHH", 1, 2, 2, 3))),
            box(b"iprp", properties, full(b"ipma", struct.pack(">I", 3), links)),
        )

    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    data = head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", *contents)
    found = decode(data)
    assert found.shape == (64, 256, 3)
    assert apart(found, np.concatenate([np.asarray(tile) for tile in tiles], axis=1)) < 5


def test_half_a_heic_is_none(photo: Image.Image) -> None:
    data = heif(photo)
    with pytest.raises(PhotoError) as caught:
        decode(data[: len(data) // 2])
    assert caught.value.slug == "corrupt-image"

"""Names from files that mean harm, or are broken: a sentence each, never an exception, and no long time."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from niteru.engine.photos.names import regions_in_xmp, xml_tree
from niteru.engine.photos.names.named import FaultKind, NamesFound
from niteru.engine.photos.names.names_in import names_in
from niteru.engine.photos.names.picture_head import PictureHead
from niteru.engine.photos.names.regions_in_xmp import claims_in
from niteru.engine.photos.names.xml_tree import XmlBroken, XmlTooLarge, parse_xml
from support.xmp_forms import FORMS, bag, lightroom, packet

FACES = {"Ada": (0.1, 0.2, 0.3, 0.4), "Bob": (0.6, 0.2, 0.3, 0.4)}
PACKETS = [form(FACES, (60, 40)) for form in FORMS.values()]
BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {one} '{f'&{before};' * 10}'>" for before, one in zip("abcdefghi", "bcdefghij", strict=True)
) + "]>"  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.new("RGB", (60, 40)).save(tmp_path / "party.jpg")
    return tmp_path / "party.jpg"


def told(photo: Path, sidecar: str | bytes) -> NamesFound:
    data = sidecar.encode() if isinstance(sidecar, str) else sidecar
    photo.with_name("party.jpg.xmp").write_bytes(data)
    return names_in(photo)


@pytest.mark.parametrize(
    ("sidecar", "kind"),
    [
        (BOMB + lightroom(FACES, (60, 40)).replace("Ada", "&j;"), FaultKind.BROKEN_FILE),
        (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + lightroom({"&a;": FACES["Ada"]}, (60, 40)),
            FaultKind.BROKEN_FILE,
        ),
        (lightroom(FACES, (60, 40))[:900], FaultKind.BROKEN_FILE),
        (lightroom(FACES, (60, 40)).replace("Ada", "A\0da"), FaultKind.BROKEN_FILE),
        (packet("<mwg-rs:Regions>" * 5000), FaultKind.TOO_LARGE),
        (packet("<mwg-rs:Regions>" + "<rdf:li/>" * (xml_tree.MOST_ELEMENTS + 1)), FaultKind.TOO_LARGE),
        (packet(" " * 100_000_000), FaultKind.TOO_LARGE),
    ],
    ids=["bomb", "outside", "cut short", "NUL", "deep", "many", "large"],
)
def test_a_packet_is_refused_with_a_reason(sidecar: str, kind: FaultKind, photo: Path) -> None:
    found = told(photo, sidecar)
    assert [fault.kind for fault in found.faults] == [kind]
    assert "party.jpg.xmp" in str(found.faults[0]) and len(str(found.faults[0])) < 400
    assert not found.regions


def test_nothing_of_a_large_file_is_kept_in_memory(photo: Path) -> None:
    """Not more of it is read than shows that it is too large."""
    with photo.with_name("party.jpg.xmp").open("wb") as file:
        file.write(packet("").encode())
        file.truncate(2**40)  # a terabyte of nothing
    assert [fault.kind for fault in names_in(photo).faults] == [FaultKind.TOO_LARGE]


@pytest.mark.parametrize(
    "area",
    [
        'stArea:x="nan" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"',
        'stArea:x="0.5" stArea:y="0.5" stArea:w="-0.1" stArea:h="0.1"',
        'stArea:x="0.5" stArea:y="0.5" stArea:w="0" stArea:h="0"',
        'stArea:x="7" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"',
        'stArea:x="0.5" stArea:y="0.5" stArea:w="inf" stArea:h="0.1"',
        'stArea:x="1e999" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"',
        'stArea:x="0,5" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"',
        'stArea:x="0.5"',
    ],
)
def test_a_broken_box_is_left_out_and_its_name_is_not(area: str, photo: Path) -> None:
    region = f'<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ada</mwg-rs:Name><mwg-rs:Area {area}/></rdf:li>'
    regions = f"<mwg-rs:RegionList>{bag([region])}</mwg-rs:RegionList>"
    found = told(photo, packet(f'<mwg-rs:Regions rdf:parseType="Resource">{regions}</mwg-rs:Regions>'))
    assert (found.regions, tuple(found.people)) == ((), ("Ada",))
    assert [fault.kind for fault in found.faults] == [FaultKind.BAD_BOX]


@pytest.mark.parametrize("rectangle", ["0.1, 0.2, 0.3", "0.1, 0.2, 0.3, x", "1, 1, 0, 0", "9, 9, 1, 1", ",,,"])
def test_a_broken_rectangle_of_microsoft_s(rectangle: str, photo: Path) -> None:
    text = FORMS["microsoft"]({"Ada": FACES["Ada"]}, (60, 40)).replace(
        "0.100000, 0.200000, 0.300000, 0.400000", rectangle
    )
    found = told(photo, text)
    assert (found.regions, tuple(found.people)) == ((), ("Ada",))
    assert [fault.kind for fault in found.faults] == [FaultKind.BAD_BOX]


def test_a_box_that_reaches_over_the_edge_is_cut(photo: Path) -> None:
    found = told(photo, lightroom({"Ada": (-0.1, 0.9, 0.4, 0.15)}, (60, 40)))
    assert found.regions[0].box == pytest.approx((0, 0.9, 0.3, 0.1), abs=1e-5)


def test_thousands_of_names_are_a_few(photo: Path) -> None:
    faces = {f"Guest {number}": (number / 5000, 0.5, 0.0001, 0.0001) for number in range(3000)}
    found = told(photo, lightroom(faces, (60, 40)))
    assert len(found.regions) == regions_in_xmp.MOST_REGIONS
    assert [fault.kind for fault in found.faults] == [FaultKind.TOO_LARGE] and "3,000" in str(found.faults[0])


@pytest.mark.parametrize("sides", ["0x0", "-60x40", "nanxnan", "60x0"])
def test_sides_that_are_none_are_as_if_not_told(sides: str, photo: Path) -> None:
    width, height = sides.split("x")
    text = lightroom(FACES, (60, 40)).replace('stDim:w="60" stDim:h="40"', f'stDim:w="{width}" stDim:h="{height}"')
    assert len(told(photo, text).regions) == 2


def test_extended_xmp_that_claims_four_gigabytes(photo: Path) -> None:
    digest = b"0" * 32
    main = packet("", f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{digest.decode()}"')
    pieces = [b"http://ns.adobe.com/xap/1.0/\0" + main.encode()]
    for length, offset in ((2**32 - 1, 0), (2**32 - 1, 2**32 - 10), (40, 2**31), (2**24, 0)):
        piece = struct.pack(">32sII", digest, length, offset) + b"http://www.metadataworkinggroup.com/schemas/regions/"
        pieces.append(b"http://ns.adobe.com/xmp/extension/\0" + piece)
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(piece) + 2) + piece for piece in pieces)
    data = photo.read_bytes()
    photo.write_bytes(data[:2] + segments + data[2:])
    found = names_in(photo)
    assert not found.regions and [fault.kind for fault in found.faults] == [FaultKind.BROKEN_FILE]


def test_broken_pictures_have_sentences(photo: Path) -> None:
    whole, chance = photo.read_bytes(), random.Random(0)
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found = names_in(photo, bytes(data[: chance.randrange(len(data))]))
        assert all(fault.kind is FaultKind.UNREADABLE for fault in found.faults)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_xmp_raises_nothing(data: st.DataObject) -> None:
    """Pieces of real packets in a wrong order, cut, doubled, and with other letters in them."""
    text = data.draw(st.sampled_from(PACKETS))
    for _ in range(data.draw(st.integers(1, 6))):
        start, end = sorted(data.draw(st.integers(0, len(text))) for _ in range(2))
        other = data.draw(
            st.sampled_from(["", text[start:end] * 2, "<", ">", '"', "&", "&#0;", "nan", "-1", "<rdf:li>", "\0"])
        )
        text = text[:start] + other + text[end:]
    faults = []
    for claim in claims_in(text.encode(), "party.xmp", PictureHead((60, 40), 6), faults):
        assert claim.box is None or claim.box.checked()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_xml_or_are_not(data: bytes) -> None:
    try:
        parse_xml(data)
    except XmlBroken as error:
        assert str(error)


def test_text_in_many_pieces_is_put_together_once() -> None:
    pieces = 50_000
    assert len(parse_xml(b"<a>" + b"xx<!---->" * pieces + b"</a>").text) == 2 * pieces
    with pytest.raises(XmlTooLarge):
        parse_xml(b" " * (xml_tree.MOST_BYTES + 1))

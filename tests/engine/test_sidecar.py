"""Names are written beside a photo, and nothing else that a file there holds is lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from niteru.engine.photos.names import sidecar
from niteru.engine.photos.names.named import NamedRegion
from niteru.engine.photos.names.names_in import names_in
from niteru.engine.photos.names.relative_box import BadBox, RelativeBox
from niteru.engine.photos.names.sidecar import SidecarUnusable, write_sidecar
from niteru.engine.photos.person_name import BadName, checked_name, is_nobody, name_key
from support.exiftool import ExifTool
from support.party import Party
from support.xmp_forms import FORMS, bag, digikam, lightroom, packet

ADA = NamedRegion("Ada & <Bob>", RelativeBox(0.1, 0.2, 0.3, 0.4))
LI = NamedRegion("李娜", RelativeBox(0.6, 0.2, 0.3, 0.4))


@pytest.fixture(params=range(1, 9))
def photo(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A picture of 60×40 that is stored in each orientation."""
    exif = Image.Exif()
    exif[0x0112] = request.param
    Image.new("RGB", (60, 40)).save(tmp_path / "party.jpg", exif=exif)
    return tmp_path / "party.jpg"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    Image.new("RGB", (60, 40)).save(tmp_path / "party.jpg")
    return tmp_path / "party.jpg"


def regions_of(photo: Path) -> list[tuple[str, object]]:
    found = names_in(photo)
    assert found.faults == ()
    return [(one.name, pytest.approx(one.box, abs=1e-6)) for one in found.regions]


def test_they_are_read_again(photo: Path) -> None:
    before = photo.read_bytes()
    file = write_sidecar(photo, [ADA, LI])
    assert file == photo.with_name("party.jpg.xmp")
    assert regions_of(photo) == [(ADA.name, ADA.box), (LI.name, LI.box)]
    assert photo.read_bytes() == before


def test_exiftool_reads_them(tmp_path: Path, exiftool: ExifTool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = tmp_path / "party.jpg"
    Image.new("RGB", (60, 40)).save(photo, exif=exif)
    found = exiftool.read(write_sidecar(photo, [ADA, LI]), "RegionInfo", "PersonInImage", "Warning")
    assert found["PersonInImage"] == [ADA.name, LI.name] and "Warning" not in found
    info = found["RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": 60, "H": 40, "Unit": "pixel"}
    area = {"X": 0.4, "Y": 0.75, "W": 0.4, "H": 0.3, "Unit": "normalized"}  # in the picture as it is stored
    assert info["RegionList"][0] == {"Name": ADA.name, "Type": "Face", "Area": pytest.approx(area)}


def test_writing_twice_changes_nothing(plain: Path) -> None:
    file = write_sidecar(plain, [ADA, LI])
    first = file.read_bytes()
    write_sidecar(plain, [ADA, LI])
    assert file.read_bytes() == first


@pytest.mark.parametrize("form", [name for name in FORMS if name != "acdsee"])
def test_other_names_replace_those_of_any_program(form: str, plain: Path) -> None:
    faces = {"Ada": (0.1, 0.2, 0.3, 0.4), "Bob": (0.6, 0.2, 0.3, 0.4)}
    plain.with_name("party.jpg.xmp").write_text(FORMS[form](faces, (60, 40)), encoding="utf-8")
    assert [name for name, _ in regions_of(plain)] == ["Ada", "Bob"]
    write_sidecar(plain, [LI])
    assert regions_of(plain) == [(LI.name, LI.box)]
    write_sidecar(plain, [])
    assert regions_of(plain) == [] and not names_in(plain).people


OTHERS = (
    '<!-- a note --><dc:title><rdf:Alt><rdf:li xml:lang="x-default">a &amp; b&#10;c</rdf:li></rdf:Alt></dc:title>'
    "<mwg-rs:Regions><rdf:Description><mwg-rs:RegionList>{regions}</mwg-rs:RegionList></rdf:Description>"
    "</mwg-rs:Regions><Iptc4xmpExt:PersonInImage>{people}</Iptc4xmpExt:PersonInImage>"
)


def test_all_else_stays_to_the_byte(plain: Path) -> None:
    kinds = [("Rex", "Pet"), ("", "Face"), ("Unknown", "Face")]
    kept = [
        f'<rdf:li><rdf:Description mwg-rs:Type="{kind}" mwg-rs:Name="{name}"><mwg-rs:Area stArea:x=".1" stArea:y=".1" '
        'stArea:w=".1" stArea:h=".1"/></rdf:Description></rdf:li>'
        for name, kind in kinds
    ]
    bob = kept[0].replace("Pet", "Face").replace("Rex", "Bob")
    people = ["<rdf:li>Grandmother, who has no box</rdf:li>"]
    file = plain.with_name("party.jpg.xmp")
    bobs = [*people, "<rdf:li>Bob</rdf:li>"]
    file.write_text(packet(OTHERS.format(regions=bag([bob, *kept]), people=bag(bobs))), encoding="utf-8")
    write_sidecar(plain, [ADA])
    assert b"Ada" in file.read_bytes() and b"Bob<" not in file.read_bytes().replace(b"&lt;Bob", b"")
    write_sidecar(plain, [])
    assert file.read_text(encoding="utf-8") == packet(OTHERS.format(regions=bag(kept), people=bag(people)))


def test_a_list_for_the_upright_picture_stays_one(tmp_path: Path, party: Party) -> None:
    photo = party.save(tmp_path / "party.jpg", 6)
    file = photo.with_name("party.jpg.xmp")
    file.write_text(lightroom(dict(party.faces), party.picture.size), encoding="utf-8")
    write_sidecar(photo, [LI])
    assert regions_of(photo) == [(LI.name, LI.box)]
    write_sidecar(photo, names_in(photo).regions)
    assert regions_of(photo) == [(LI.name, LI.box)]


def test_a_list_for_another_picture_gives_way(plain: Path) -> None:
    plain.with_name("party.jpg.xmp").write_text(lightroom({"Ada": ADA.box}, (100, 100)), encoding="utf-8")
    write_sidecar(plain, [LI])
    assert regions_of(plain) == [(LI.name, LI.box)]


def test_lines_that_exiftool_writes_come_back_to_the_byte(plain: Path, exiftool: ExifTool) -> None:
    file = plain.with_name("party.jpg.xmp")
    area = "{X=0.5,Y=0.5,W=0.1,H=0.1,Unit=normalized}"
    exiftool(f"-RegionInfo={{RegionList=[{{Type=Pet,Name=Rex,Area={area}}}]}}", "-PersonInImage=Zoë", file)
    before = file.read_bytes()
    write_sidecar(plain, [ADA, LI])
    assert len(regions_of(plain)) == 2
    write_sidecar(plain, [])
    assert file.read_bytes() == before


@pytest.mark.parametrize("start", ['<?xml version="1.0" encoding="iso-8859-1"?>', '<?xml version="1.0"?>'])
def test_any_encoding_that_knows_ascii(start: str, plain: Path) -> None:
    text = start + packet("<dc:format>Zo\u00eb</dc:format>").split("?>", 1)[1]
    file = plain.with_name("party.jpg.xmp")
    file.write_text(text, encoding="iso-8859-1" if "8859" in start else "utf-8")
    write_sidecar(plain, [LI])
    assert regions_of(plain) == [(LI.name, LI.box)]


@pytest.mark.parametrize("content", [b"", b"not XML", b"<a/>", packet("").encode("utf-16"), b"<!DOCTYPE a><a/>"])
def test_a_broken_file_is_left_as_it_is(content: bytes, plain: Path) -> None:
    file = plain.with_name("party.jpg.xmp")
    file.write_bytes(content)
    with pytest.raises(SidecarUnusable, match=r"party\.jpg\.xmp.*move it away"):
        write_sidecar(plain, [ADA])
    assert file.read_bytes() == content
    assert sorted(path.name for path in plain.parent.iterdir()) == ["party.jpg", "party.jpg.xmp"]


def test_a_file_that_dies_while_it_is_written(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_sidecar(plain, [ADA])
    before = file.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sidecar.shutil, "copymode", fail)
    with pytest.raises(SidecarUnusable, match="No space left"):
        write_sidecar(plain, [LI])
    assert file.read_bytes() == before


def test_mode_and_link_stay(plain: Path) -> None:
    real = plain.with_name("kept elsewhere.xmp")
    plain.with_name("party.jpg.xmp").symlink_to(real)
    real.write_text(digikam({"Ada": ADA.box}, (60, 40)), encoding="utf-8")
    real.chmod(0o600)
    file = write_sidecar(plain, [LI])
    assert file.is_symlink() and stat.S_IMODE(os.stat(real).st_mode) == 0o600  # noqa: PTH116
    assert regions_of(plain) == [(LI.name, LI.box)]


def test_what_is_no_name_or_no_box(plain: Path) -> None:
    with pytest.raises(BadName):
        write_sidecar(plain, [NamedRegion("AC/DC", ADA.box)])
    with pytest.raises(BadBox):
        write_sidecar(plain, [NamedRegion("Ada", RelativeBox(0.5, 0.5, float("nan"), 0.1))])
    assert not plain.with_name("party.jpg.xmp").exists()


def _usable(text: str) -> bool:
    try:
        return not is_nobody(checked_name(text))
    except BadName:
        return False


sides = st.floats(0.001, 0.2)
places = st.integers(0, 3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.text(min_size=1, max_size=60).filter(_usable), max_size=8, unique_by=name_key),
    sizes=st.lists(st.tuples(sides, sides), min_size=8, max_size=8),
    orientation=st.integers(1, 8),
)
def test_any_names_and_boxes_come_back(
    names: list[str], sizes: list[tuple[float, float]], orientation: int, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = tmp_path / "any.jpg"
    Image.new("RGB", (60, 40)).save(photo, exif=exif)
    boxes = [RelativeBox(0.25 * (i % 4), 0.25 * (i // 4), width, height) for i, (width, height) in enumerate(sizes)]
    write_sidecar(photo, [NamedRegion(name, box) for name, box in zip(names, boxes, strict=False)])
    expected = [(checked_name(name), box) for name, box in zip(names, boxes, strict=False)]
    assert regions_of(photo) == expected

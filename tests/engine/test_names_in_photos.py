"""Names are read from photos as photo programs write them, and their boxes lie where the faces are seen."""

from __future__ import annotations

from pathlib import Path

import fsspec
import numpy as np
import pytest

from niteru.engine.faces.extraction import process_detector
from niteru.engine.photos.decode import read_picture
from niteru.engine.photos.decoding.orientation import upright
from niteru.engine.photos.names.matching import match_faces
from niteru.engine.photos.names.named import FaultKind, NamesFound, Source
from niteru.engine.photos.names.names_in import names_in
from niteru.engine.photos.names.relative_box import TURNED_BACK, RelativeBox
from niteru.engine.photos.remote import listed
from support.exiftool import ExifTool
from support.party import Party
from support.xmp_forms import FORMS, area_attributes, bag, digikam, lightroom, microsoft, packet

CONTAINERS = ("png", "tif", "webp", "avif")
each_orientation = pytest.mark.parametrize("orientation", range(1, 9))


def assert_faces(found: NamesFound, party: Party) -> None:
    """Both people are found where the upright picture shows them, and nothing is complained of."""
    assert found.faults == ()
    assert [region.name for region in found.regions] == list(party.faces)
    for region in found.regions:
        assert region.box == pytest.approx(party.faces[region.name], abs=2e-5)


def kinds(found: NamesFound) -> list[FaultKind]:
    return [fault.kind for fault in found.faults]


@each_orientation
def test_a_box_turns_as_its_pixels_do(orientation: int) -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[5:15, 40:55] = 255
    seen = upright(pixels, orientation)
    rows, columns = np.nonzero(seen[..., 0])
    height, width = seen.shape[:2]
    box = RelativeBox(40 / 60, 5 / 40, 15 / 60, 10 / 40).turned(orientation)
    corners = columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1
    assert (box.left * width, box.top * height, box.width * width, box.height * height) == pytest.approx(corners)
    assert box.turned(TURNED_BACK[orientation]) == pytest.approx((40 / 60, 5 / 40, 15 / 60, 10 / 40))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("orientation", [1, 6, 3])
def test_each_program_s_spelling(form: str, orientation: int, tmp_path: Path, party: Party, exiftool: ExifTool) -> None:
    photo = party.save(tmp_path / "party.jpg", orientation)
    exiftool.put_xmp(FORMS[form](party.stored_faces(orientation), party.stored_size(orientation)), photo)
    found = names_in(photo)
    assert_faces(found, party)
    expected = {"microsoft": (Source.MICROSOFT,), "acdsee": (Source.ACDSEE,), "digikam": (Source.MWG, Source.MICROSOFT)}
    assert {region.sources for region in found.regions} == {expected.get(form, (Source.MWG,))}


@pytest.mark.parametrize(
    ("container", "orientation"),
    [
        *(("jpg", number) for number in range(1, 9)),
        *((one, turn) for one in CONTAINERS for turn in (1, 6)),
        ("heic", 6),
        ("heic", 7),
    ],
)
def test_every_container_lying_on_any_side(
    container: str, orientation: int, tmp_path: Path, party: Party, exiftool: ExifTool
) -> None:
    photo = party.save(tmp_path / f"party.{container}", orientation)
    exiftool.put_xmp(lightroom(party.stored_faces(orientation), party.stored_size(orientation)), photo)
    assert read_picture(photo).size == party.picture.size
    assert_faces(names_in(photo), party)


def test_the_structures_that_exiftool_itself_writes(tmp_path: Path, party: Party, exiftool: ExifTool) -> None:
    photo = party.save(tmp_path / "party.png")
    listed = ",".join(
        f"{{Area={{X={box.centre[0]},Y={box.centre[1]},W={box.width},H={box.height},Unit=normalized}},Name={name},"
        "Type=Face}"
        for name, box in party.faces.items()
    )
    width, height = party.picture.size
    exiftool(
        f"-RegionInfo={{AppliedToDimensions={{W={width},H={height},Unit=pixel}},RegionList=[{listed}]}}",
        "-PersonInImage=Ada",
        "-PersonInImage=Zoë",
        photo,
    )
    found = names_in(photo)
    assert_faces(found, party)
    assert tuple(found.people) == ("Zoë",)


@each_orientation
def test_boxes_of_the_upright_picture_are_known_by_its_sides(orientation: int, tmp_path: Path, party: Party) -> None:
    """Some programs draw on the picture as they show it; where sides are swapped they say so."""
    photo = party.save(tmp_path / "party.jpg", orientation)
    photo.with_name("party.jpg.xmp").write_text(lightroom(dict(party.faces), party.picture.size), encoding="utf-8")
    found = names_in(photo)
    if orientation in (1, 5, 6, 7, 8):
        assert_faces(found, party)
    else:  # the sides are the same either way, and the standard is believed
        assert found.regions[0].box == pytest.approx(party.faces["Ada"].turned(orientation), abs=2e-5)


def test_a_detected_face_gets_its_name(tmp_path: Path, party: Party) -> None:
    photo = party.save(tmp_path / "party.jpg", 8)
    xmp = microsoft(party.stored_faces(8), party.stored_size(8))
    photo.with_name("party.jpg.xmp").write_text(xmp, encoding="utf-8")
    picture, found = read_picture(photo), names_in(photo)
    boxes = [face.box for face in process_detector(crops=False).detect(picture.pixels)]
    matches = match_faces(found.regions, boxes, picture.size)
    middles = {found.regions[pair.region].name: boxes[pair.face][0] for pair in matches.pairs}
    assert middles["Ada"] < picture.size[0] / 2 < middles["Bob"]
    assert matches.without_face == () and not any(pair.ambiguous for pair in matches.pairs)


def test_a_cropped_photo_keeps_names_and_loses_boxes(tmp_path: Path, party: Party) -> None:
    photo = party.save(tmp_path / "party.jpg")
    photo.with_name("party.jpg.xmp").write_text(lightroom(dict(party.faces), (1000, 1000)), encoding="utf-8")
    found = names_in(photo)
    assert (found.regions, tuple(found.people)) == ((), ("Ada", "Bob"))
    assert kinds(found) == [FaultKind.OTHER_PICTURE] and "1000×1000" in str(found.faults[0])


def test_pixels_circles_and_names_of_the_whole_photo(tmp_path: Path, party: Party) -> None:
    photo, (width, height) = party.save(tmp_path / "party.png"), party.picture.size
    circle = 'stArea:x="0.5" stArea:y="0.5" stArea:d="0.5"'
    pixels = f'stArea:x="{width / 4}" stArea:y="{height / 2}" stArea:w="20" stArea:h="10" stArea:unit="pixel"'
    regions = bag(
        f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="{kind}"><mwg-rs:Area {area}/></rdf:Description>'
        "</rdf:li>"
        for name, kind, area in (("Eve", "Face", circle), ("Kim", "Face", pixels), ("Rex", "Pet", circle))
    )
    whole = '<rdf:li MPReg:PersonDisplayName="Max" MPReg:Rectangle="0, 0, 0, 0"/>'
    text = packet(
        f"<mwg-rs:Regions><rdf:Description><mwg-rs:RegionList>{regions}</mwg-rs:RegionList></rdf:Description>"
        f"</mwg-rs:Regions><MP:RegionInfo><rdf:Description><MPRI:Regions>{bag([whole])}</MPRI:Regions>"
        "</rdf:Description></MP:RegionInfo>"
    )
    photo.with_name("party.png.xmp").write_text(text, encoding="utf-8")
    found = names_in(photo)
    eve, kim = found.regions
    assert (eve.box.width * width, eve.box.height * height) == pytest.approx([height / 2] * 2)
    assert kim.box == pytest.approx((0.25 - 10 / width, 0.5 - 5 / height, 20 / width, 10 / height))
    assert (tuple(found.people), found.faults) == (("Max",), ())


def test_xmp_that_does_not_fit_into_one_segment(tmp_path: Path, party: Party, exiftool: ExifTool) -> None:
    """JPEG's extended XMP: exiftool moves what is long into it."""
    photo = party.save(tmp_path / "party.jpg")
    exiftool.put_xmp(digikam(dict(party.faces), party.picture.size), photo)
    exiftool(f"-XMP-dc:Description={'long ' * 20_000}", photo)
    faces = "".join(
        f"{{Name=Guest {number},Type=Face,Area={{X=0.{number:03},Y=0.9,W=0.0004,H=0.01,Unit=normalized}}}},"
        for number in range(1, 240)
    )
    exiftool(f"-RegionInfo={{RegionList=[{faces.rstrip(',')}]}}", photo)
    assert b"http://ns.adobe.com/xmp/extension/" in photo.read_bytes()
    assert len(names_in(photo).regions) == 239 + 2


class TestBeside:
    """Files of XMP beside a photo."""

    def test_both_forms_of_the_name(self, tmp_path: Path, party: Party) -> None:
        photo = party.save(tmp_path / "IMG_1.JPG")
        text = lightroom(dict(party.faces), party.picture.size)
        for name in ("IMG_1.JPG.xmp", "IMG_1.xmp", "IMG_1.XMP"):
            sidecar = photo.with_name(name)
            sidecar.write_text(text, encoding="utf-8")
            assert_faces(names_in(photo), party)
            sidecar.unlink()
        assert names_in(photo) == NamesFound(size=party.picture.size)

    def test_one_of_a_raw_file_with_that_stem_is_left_alone(self, tmp_path: Path, party: Party) -> None:
        photo = party.save(tmp_path / "IMG_1.jpg")
        text = lightroom(dict(party.faces), party.picture.size)
        for extension, names in (("CR2", 0), ("JPG", 2)):
            said = text.replace("rdf:about", f'photoshop:SidecarForExtension="{extension}" rdf:about')
            photo.with_name("IMG_1.xmp").write_text(said, encoding="utf-8")
            assert len(names_in(photo).regions) == names

    def test_it_wins_over_the_photo(self, tmp_path: Path, party: Party, exiftool: ExifTool) -> None:
        photo = party.save(tmp_path / "party.jpg")
        exiftool.put_xmp(lightroom(dict(party.faces), party.picture.size), photo)
        renamed = {"Adele": party.faces["Ada"], "Bob": party.faces["Bob"]}
        photo.with_name("party.jpg.xmp").write_text(lightroom(renamed, party.picture.size), encoding="utf-8")
        found = names_in(photo)
        assert [region.name for region in found.regions] == ["Adele", "Bob"]
        assert kinds(found) == [FaultKind.CONFLICT]
        assert "'Adele'" in str(found.faults[0]) and "'Ada'" in str(found.faults[0])

    def test_a_photo_whose_name_leaves_no_room_for_one(self, tmp_path: Path, party: Party) -> None:
        assert names_in(party.save(tmp_path / f"{'x' * 251}.jpg")) == NamesFound(size=party.picture.size)

    def test_in_a_store(self, party: Party, tmp_path: Path) -> None:
        store = fsspec.filesystem("memory")
        photo = party.save(tmp_path / "party.jpg")
        xmp = lightroom({"Ada": party.faces["Ada"]}, party.picture.size)
        store.pipe("/album/holiday/party.jpg", photo.read_bytes())
        store.pipe("/album/holiday/party.jpg.xmp", xmp.encode())
        store.pipe("/album/holiday/.picasa.ini", PICASA.encode())
        try:
            file = dict(listed("memory://album"))["holiday/party.jpg"]
            found = names_in(file)
            assert [region.name for region in found.regions] == ["Ada", "Zoë"]
            assert names_in(file, photo.read_bytes()) == found
        finally:
            store.rm("/album", recursive=True)

    def test_one_that_cannot_be_opened_is_told(self, tmp_path: Path, party: Party, monkeypatch: pytest.MonkeyPatch):
        photo = party.save(tmp_path / "party.jpg")
        sidecar = photo.with_name("party.jpg.xmp")
        sidecar.write_text("")
        opened = Path.open

        def refuse(self: Path, *args: object, **options: object) -> object:
            if self == sidecar:
                raise PermissionError(13, "Permission denied")
            return opened(self, *args, **options)

        monkeypatch.setattr(Path, "open", refuse)
        assert kinds(names_in(photo)) == [FaultKind.UNREADABLE]


PICASA = """[Picasa]
name=Holiday
[party.jpg]
rotate=rotate(1)
backuphash=12345
faces=rect64(199999993333cccc),d10a8325c557b085;rect64(8000800090009000),ffffffffffffffff
[Contacts2]
d10a8325c557b085=Zoë;;
[Contacts]
8e62398ebda8c1a5=joedoe_lh,4bd750800fb6a6b8
"""


class TestPicasa:
    """``.picasa.ini``."""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    @pytest.mark.parametrize("name", [".picasa.ini", "Picasa.ini"])
    def test_a_face(self, encoding: str, name: str, tmp_path: Path, party: Party) -> None:
        photo = party.save(tmp_path / "party.jpg")
        (tmp_path / name).write_text(PICASA, encoding=encoding)
        found = names_in(photo)
        assert [(one.name, one.sources) for one in found.regions] == [("Zoë", (Source.PICASA,))]
        assert found.regions[0].box == pytest.approx((0.1, 0.6, 0.1, 0.2), abs=2e-5)
        assert found.faults == ()

    @each_orientation
    def test_the_photo_s_own_orientation_turns_it_and_rotate_does_not(
        self, orientation: int, tmp_path: Path, party: Party
    ) -> None:
        photo = party.save(tmp_path / "party.jpg", orientation)
        (tmp_path / ".picasa.ini").write_text(PICASA, encoding="utf-8")
        expected = RelativeBox(0.1, 0.6, 0.1, 0.2).turned(orientation)
        assert names_in(photo).regions[0].box == pytest.approx(expected, abs=2e-5)

    def test_zeros_in_front_are_left_out(self, tmp_path: Path, party: Party) -> None:
        photo = party.save(tmp_path / "party.jpg")
        (tmp_path / ".picasa.ini").write_text(PICASA.replace("199999993333cccc", "6664000c000"), encoding="utf-8")
        # 0000 0666 4000 c000
        assert names_in(photo).regions[0].box == pytest.approx((0, 0.025, 0.25, 0.725), abs=1e-4)

    def test_what_is_broken_is_told(self, tmp_path: Path, party: Party) -> None:
        photo = party.save(tmp_path / "party.jpg")
        faces = "rect64(xyz),d10a8325c557b085;rect64(8000800090009000),8e62398ebda8c1a5;rect64(0),d10a8325c557b085"
        lines = [f"faces={faces}" if line.startswith("faces") else line for line in PICASA.splitlines()]
        (tmp_path / ".picasa.ini").write_text("\n".join(lines), encoding="utf-8")
        found = names_in(photo)
        assert kinds(found) == [FaultKind.BROKEN_FILE, FaultKind.NO_SUCH_CONTACT, FaultKind.BAD_BOX]
        assert (found.regions, tuple(found.people)) == ((), ("Zoë",))

    def test_a_change_is_seen(self, tmp_path: Path, party: Party) -> None:
        photo, ini = party.save(tmp_path / "party.jpg"), tmp_path / ".picasa.ini"
        ini.write_text(PICASA, encoding="utf-8")
        assert names_in(photo).regions[0].name == "Zoë"
        ini.write_text(PICASA.replace("Zoë", "Zoë Two"), encoding="utf-8")
        assert names_in(photo).regions[0].name == "Zoë Two"


class TestNames:
    """What a name may be, and which of several count."""

    def found(self, tmp_path: Path, party: Party, names: list[str]) -> NamesFound:
        photo = party.save(tmp_path / "party.jpg")
        people = bag(f"<rdf:li>{name}</rdf:li>" for name in names)
        text = packet(f"<Iptc4xmpExt:PersonInImage>{people}</Iptc4xmpExt:PersonInImage>")
        photo.with_name("party.jpg.xmp").write_text(text, encoding="utf-8")
        return names_in(photo)

    def test_they_are_tidied(self, tmp_path: Path, party: Party) -> None:
        found = self.found(tmp_path, party, ["  Zoe\u0308\n Lee ", "ZO\u00cb LEE", "\u202eEve"])
        assert (tuple(found.people), found.faults) == (("Zoë Lee", "Eve"), ())

    @pytest.mark.parametrize(("name", "kind"), [
        ("AC/DC", FaultKind.BAD_NAME),
        ("../..", FaultKind.BAD_NAME),
        ("..", FaultKind.BAD_NAME),
        ("\u202e", FaultKind.BAD_NAME),
        ("x" * 10_000, FaultKind.BAD_NAME),
        ("Unknown", FaultKind.UNNAMED),
        ("ffffffffffffffff", FaultKind.UNNAMED),
    ])  # fmt: skip
    def test_what_is_no_name_is_told_in_few_words(
        self, name: str, kind: FaultKind, tmp_path: Path, party: Party
    ) -> None:
        found = self.found(tmp_path, party, ["Ada", name])
        assert (tuple(found.people), kinds(found)) == (("Ada",), [kind])
        assert len(str(found.faults[0])) < 300 + len(str(tmp_path))

    def test_two_places_for_one_name_in_two_forms_are_told(self, tmp_path: Path, party: Party) -> None:
        photo = party.save(tmp_path / "party.jpg")
        ada, bob = party.faces.values()
        photo.with_name("party.jpg.xmp").write_text(lightroom({"Ada": ada}, party.picture.size), encoding="utf-8")
        photo.with_name("party.xmp").write_text(microsoft({"Ada": bob}, party.picture.size), encoding="utf-8")
        found = names_in(photo)
        assert [region.box for region in found.regions] == [pytest.approx(ada, abs=2e-5)]
        assert kinds(found) == [FaultKind.CONFLICT]

    def test_a_photo_of_twins_by_one_name_keeps_both(self, tmp_path: Path, party: Party) -> None:
        photo = party.save(tmp_path / "party.jpg")
        text = lightroom(dict(party.faces), party.picture.size).replace("Bob", "Ada")
        photo.with_name("party.jpg.xmp").write_text(text, encoding="utf-8")
        assert [region.name for region in names_in(photo).regions] == ["Ada", "Ada"]


def test_a_png_whose_checksum_is_wrong(tmp_path: Path, party: Party, exiftool: ExifTool) -> None:
    """Viewers show it, and so does niteru: its names are read, too."""
    photo = party.save(tmp_path / "party.png")
    exiftool.put_xmp(lightroom(dict(party.faces), party.picture.size), photo)
    data = bytearray(photo.read_bytes())
    at = data.index(b"iTXt")
    end = at + 4 + int.from_bytes(data[at - 4 : at], "big")
    data[end] ^= 255
    photo.write_bytes(data)
    assert read_picture(photo).size == party.picture.size
    assert_faces(names_in(photo), party)


def test_apple_s_faces_without_names_are_nobody(tmp_path: Path, party: Party) -> None:
    photo = party.save(tmp_path / "party.jpg")
    items = bag(
        '<rdf:li rdf:parseType="Resource"><mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Extensions rdf:parseType="Resource">'
        f"<apple-fi:FaceID>7</apple-fi:FaceID></mwg-rs:Extensions><mwg-rs:Area {area_attributes(box)}/></rdf:li>"
        for box in party.faces.values()
    )
    text = f'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList>{items}</mwg-rs:RegionList></mwg-rs:Regions>'
    photo.with_name("party.jpg.xmp").write_text(packet(text), encoding="utf-8")
    assert names_in(photo) == NamesFound(size=party.picture.size)


def test_a_photo_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("not a picture")
    for name in ("notes.jpg", "missing.jpg", ""):
        found = names_in(tmp_path / name)
        assert kinds(found) == [FaultKind.UNREADABLE] and str(tmp_path) in str(found.faults[0])

"""Names that people gave in photo programs arrive in a gallery, and nothing that is wrong with them ends a run."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import niteru
from niteru.engine.photos.names.named import FaultKind, NamedRegion
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.names.sidecar import write_sidecar
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.gallery import Gallery
from niteru.indexer.update import naming
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.names_wanted import NamesFrom
from niteru.indexer.update.summary import Summary
from niteru.indexer.update.verifying import verify
from support.drawings import drawn
from support.drawn import write_image
from support.exiftool import ExifTool
from support.party import Party
from support.xmp_forms import FORMS, bag, lightroom, packet


class Album:
    """A folder of photos, a gallery of it, and who is who in it."""

    def __init__(self, root: Path, party: Party) -> None:
        self.photos, self.gallery, self.party = root / "photos", root / "gallery", party

    def photo(self, ref: str, orientation: int = 1) -> Path:
        file = self.photos / ref
        file.parent.mkdir(parents=True, exist_ok=True)
        return self.party.save(file, orientation)

    def portrait(self, ref: str, who: int = 4) -> Path:
        write_image(self.photos / ref, drawn(who).image)
        return self.photos / ref

    def regions(self, **names: str) -> list[NamedRegion]:
        """Boxes of the party under other names: ``Ada="Zoe"``."""
        return [NamedRegion(new, self.party.faces[old]) for old, new in names.items()]

    def index(self, names: NamesFrom | None = NamesFrom.METADATA, **options: object) -> Summary:
        return update(self.gallery, self.photos, names=names, **options)

    def people(self) -> dict[str, list[str]]:
        """Refs of the photos of everybody, named or not; of two faces of one person in a photo it has two."""
        with closing(Gallery(self.gallery)) as opened:
            queries = opened.catalog.queries
            return {name: [face.photo for face in queries.faces_of_person(name)] for _, name, _ in queries.people()}

    def named(self) -> dict[str, list[str]]:
        return {name: refs for name, refs in self.people().items() if not name.startswith("unnamed")}

    def left_and_right(self, ref: str) -> list[str | None]:
        with closing(Gallery(self.gallery)) as opened:
            return [face.person for face in sorted(opened.catalog.queries.faces_of_photo(ref), key=lambda f: f.box[0])]


@pytest.fixture
def album(tmp_path: Path, party: Party) -> Album:
    return Album(tmp_path, party)


def kinds(summary: Summary) -> list[FaultKind]:
    return sorted(fault.kind for fault in summary.names.faults)


@pytest.mark.parametrize("form", FORMS)
def test_names_arrive_from_each_program(form: str, album: Album, exiftool: ExifTool) -> None:
    for number, orientation in enumerate((1, 6)):
        photo, faces = album.photo(f"{number}.jpg", orientation), album.party.stored_faces(orientation)
        exiftool.put_xmp(FORMS[form](faces, album.party.stored_size(orientation)), photo)
    summary = album.index()
    assert (summary.names.photos, summary.names.faces, summary.names.faults) == (2, 4, [])
    for ref in ("0.jpg", "1.jpg"):
        assert album.left_and_right(ref) == ["Ada", "Bob"]
    assert summary.people == 2 and summary.groups == 0
    assert verify(album.gallery).problems == []


def test_names_arrive_from_picasa(album: Album) -> None:
    album.photo("1.jpg")
    rectangles = []
    for number, box in enumerate(album.party.faces.values(), start=1):
        sides = (box.left, box.top, box.left + box.width, box.top + box.height)
        rectangles.append(f"rect64({''.join(f'{round(side * 65535):04x}' for side in sides)}),{number:016x}")
    ini = f"[Contacts2]\n{1:016x}=Ada;;\n{2:016x}=Bob;;\n[1.jpg]\nfaces={';'.join(rectangles)}\n"
    (album.photos / ".picasa.ini").write_text(ini)
    assert album.index().names.faults == []
    assert album.left_and_right("1.jpg") == ["Ada", "Bob"]


def test_without_being_asked_for_they_are_not_read(album: Album) -> None:
    write_sidecar(album.photo("1.jpg"), album.regions(Ada="Ada"))
    summary = album.index(names=None)
    assert summary.names is None and "names" not in summary.to_dict() and album.named() == {}
    assert album.index().names.photos == 1 and album.left_and_right("1.jpg")[0] == "Ada"
    assert album.index(names=None).names.photos == 0, "the choice is kept, and nothing is read twice"
    assert album.index(NamesFrom.FOLDERS).names is None
    assert album.named() == {}
    with closing(Gallery(album.gallery)) as opened:
        assert opened.catalog.claims.names() == set()


def test_a_sidecar_that_changes_is_noticed(album: Album) -> None:
    photo = album.photo("1.jpg")
    album.index()
    for name in ("Ada", "Eve"):
        write_sidecar(photo, album.regions(Ada=name))
        foreseen = album.index(dry=True)
        assert (foreseen.names.photos, foreseen.unchanged) == (1, 1)
        summary = album.index()
        assert (summary.unchanged, summary.changed, summary.names.photos) == (1, [], 1)
        assert album.named() == {name: ["1.jpg"]}
        assert album.index().names.photos == 0
    photo.with_name("1.jpg.xmp").unlink()
    album.index()
    assert album.named() == {}


def test_moved_and_copied_photos_have_the_names_of_where_they_are(album: Album) -> None:
    photo = album.photo("a/unknown/1.jpg")
    write_sidecar(photo, album.regions(Ada="Ada"))
    album.index()
    copy = album.photos / "b/unknown/2.jpg"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(photo.read_bytes())
    write_sidecar(copy, album.regions(Bob="Bob"))
    summary = album.index()
    assert (summary.added, album.named()) == (
        ["b/unknown/2.jpg"],
        {"Ada": ["a/unknown/1.jpg"], "Bob": ["b/unknown/2.jpg"]},
    )
    photo.rename(photo.with_name("3.jpg"))
    photo.with_name("1.jpg.xmp").rename(photo.with_name("3.jpg.xmp"))
    assert album.index().moved == ["a/unknown/3.jpg"]
    assert album.named() == {"Ada": ["a/unknown/3.jpg"], "Bob": ["b/unknown/2.jpg"]}


def test_what_counts_more(album: Album) -> None:
    """By hand, then metadata, then the folder, then groups."""
    write_sidecar(album.photo("Eve/1.jpg"), album.regions(Ada="Ada"))
    album.index()
    assert album.left_and_right("Eve/1.jpg") == ["Ada", "Eve"], "the face that nobody named is the folder's person"
    write_sidecar(album.photos / "Eve/1.jpg", album.regions(Ada="Ada", Bob="Bob"))
    summary = album.index()
    assert album.left_and_right("Eve/1.jpg") == ["Ada", "Bob"]
    assert kinds(summary) == [FaultKind.OTHER_FOLDER] and "Ada and Bob" in str(summary.names.faults[0])
    naming.say(album.gallery, naming.name(["Bob"], "Robert"))
    assert album.left_and_right("Eve/1.jpg") == ["Ada", "Robert"]
    with closing(Gallery(album.gallery)) as opened:
        (face,) = opened.catalog.queries.faces_of_person("Ada")
    naming.say(album.gallery, naming.name([f"face:{face.id}"], "Zoe"))
    album.index()
    assert album.left_and_right("Eve/1.jpg") == ["Zoe", "Robert"]
    naming.say(album.gallery, naming.set_aside(["Zoe"], VerdictKind.NOBODY))
    album.index()
    assert album.left_and_right("Eve/1.jpg") == [None, "Robert"]
    for _ in range(3):
        naming.say(album.gallery, naming.take_back())
    assert album.left_and_right("Eve/1.jpg") == ["Ada", "Bob"]


def test_a_name_without_a_box(album: Album, exiftool: ExifTool) -> None:
    for ref, names in {"one.png": ["Ada"], "two.png": ["Ada", "Bob"]}.items():
        people = bag([f"<rdf:li>{name}</rdf:li>" for name in names])
        exiftool.put_xmp(
            packet(f"<Iptc4xmpExt:PersonInImage>{people}</Iptc4xmpExt:PersonInImage>"), album.portrait(ref)
        )
    party = packet(f"<Iptc4xmpExt:PersonInImage>{bag(['<rdf:li>Eve</rdf:li>'])}</Iptc4xmpExt:PersonInImage>")
    exiftool.put_xmp(party, album.photo("party.jpg"))
    summary = album.index()
    assert album.named() == {"Ada": ["one.png"]}
    assert kinds(summary) == [FaultKind.NO_BOX] * 2


def test_names_that_google_knows(album: Album) -> None:
    for number, (ref, beside) in enumerate(
        {
            "IMG_1.png": "IMG_1.png.supplemental-metadata.json",
            "IMG_2.png": "IMG_2.png.json",
            "IMG_20200920_131207_very_long.png": "IMG_20200920_131207_very_long.png.supplemental.json",
            "IMG_3(1).png": "IMG_3.png.supplemental-metadata(1).json",
            "IMG_4-edited.png": "IMG_4.png.supplemental-metadata.json",
        }.items()
    ):
        album.portrait(ref, number)
        told = {"title": ref, "photoTakenTime": {"timestamp": "1600596727"}, "people": [{"name": f"Дочь {number}"}]}
        (album.photos / beside).write_text(json.dumps(told), encoding="utf-8")
    summary = album.index()
    assert summary.names.faults == []
    assert sorted(album.named()) == [f"Дочь {number}" for number in range(5)]


@pytest.mark.parametrize(
    "told", ["[", "[]", "{}", '{"people": 3}', '{"people": [1, {}, {"name": 2}, {"name": " "}]}', "[" * 100_000]
)
def test_json_that_says_nothing(told: str, album: Album) -> None:
    album.portrait("1.png").with_name("1.png.json").write_text(told)
    summary = album.index()
    assert kinds(summary) == ([FaultKind.BROKEN_FILE] if told.endswith("[") else [])
    assert album.named() == {}


@pytest.mark.parametrize(
    ("names", "box", "expected"),
    [
        (["AC/DC"], None, [FaultKind.BAD_NAME]),
        (["A" * 10_000], None, [FaultKind.BAD_NAME]),
        (["Ada"], (0.9, 0.9, 0.05, 0.05), [FaultKind.NO_FACE]),
        (["Ada"], (0.5, 0.5, 0.0, 0.2), [FaultKind.BAD_BOX, FaultKind.NO_BOX]),
        (["Ada"], (7.0, 0.5, 0.2, 0.2), [FaultKind.BAD_BOX, FaultKind.NO_BOX]),
        (["Ada"], (float("nan"), 0.5, 0.2, 0.2), [FaultKind.BAD_BOX, FaultKind.NO_BOX]),
        (["Romulus", "Remus"], None, [FaultKind.CONFLICT]),
        (["Unknown"], None, []),
    ],
    ids=["slash", "10 kB", "no face", "flat", "outside", "NaN", "twins in one box", "nobody"],
)
def test_bad_input_is_told_and_ends_nothing(
    names: list[str], box: tuple[float, ...] | None, expected: list[FaultKind], album: Album
) -> None:
    photo = album.photo("1.jpg")
    items = "".join(
        lightroom({name: tuple(box or album.party.faces["Ada"])}, album.party.picture.size)
        .split("<rdf:Bag>")[1]
        .split("</rdf:Bag>")[0]
        for name in names
    )
    whole = lightroom({"X": (0.1, 0.1, 0.2, 0.2)}, album.party.picture.size)
    head, tail = whole.split("<rdf:Bag>")[0], whole.split("</rdf:Bag>")[1]
    photo.with_name("1.jpg.xmp").write_text(f"{head}<rdf:Bag>{items}</rdf:Bag>{tail}", encoding="utf-8")
    summary = album.index()
    assert summary.faces == 2 and kinds(summary) == expected
    assert all(len(str(fault)) < 600 for fault in summary.names.faults)
    assert sorted(album.named()) == (["Romulus"] if "Romulus" in names else [])
    assert [fault["kind"] for fault in json.loads(json.dumps(summary.to_dict()))["names"]["faults"]] == [
        fault.kind for fault in summary.names.faults
    ]


def test_a_nul_in_a_sidecar(album: Album) -> None:
    sidecar = lightroom({"A\0da": tuple(album.party.faces["Ada"])}, album.party.picture.size)
    album.photo("1.jpg").with_name("1.jpg.xmp").write_text(sidecar)
    assert kinds(album.index()) == [FaultKind.BROKEN_FILE]


def test_the_same_name_twice_in_one_photo(album: Album) -> None:
    write_sidecar(album.photo("mirror.jpg"), album.regions(Ada="Ada", Bob="Ada"))
    assert album.index().names.faults == []
    assert album.named() == {"Ada": ["mirror.jpg", "mirror.jpg"]}


def test_two_hundred_and_forty_names_in_one_photo(album: Album) -> None:
    many = [NamedRegion(f"P{n}", RelativeBox(n % 20 / 20, n // 20 / 20 * 0.05, 0.01, 0.002)) for n in range(238)]
    write_sidecar(album.photo("crowd.jpg"), [*many, *album.regions(Ada="Ada", Bob="Bob")])
    summary = album.index()
    assert album.left_and_right("crowd.jpg") == ["Ada", "Bob"]
    assert kinds(summary) == [FaultKind.NO_FACE] * 238


def test_a_box_that_may_be_of_two_faces_or_a_face_of_two_boxes_is_nobody_s(album: Album) -> None:
    photo, (wide, high) = album.photo("1.jpg"), album.party.picture.size
    album.index()
    with closing(Gallery(album.gallery)) as opened:
        x, y, width, height = opened.catalog.queries.faces_of_photo("1.jpg")[0].box
    middle = (x + width / 2) / wide, (y + height / 2) / high
    aside = [
        NamedRegion(name, RelativeBox.around(middle[0] + by * width / wide, middle[1], width / wide, height / high))
        for name, by in (("Romulus", -0.14), ("Remus", 0.14))
    ]
    write_sidecar(photo, aside)
    assert kinds(album.index()) == [FaultKind.AMBIGUOUS, FaultKind.NO_FACE] and album.named() == {}
    whole = RelativeBox(0.0, middle[1] - height / high, 1.0, 2 * height / high).checked()
    write_sidecar(photo, [NamedRegion("Twins", whole)])
    assert kinds(album.index()) == [FaultKind.NO_FACE] and album.named() == {}


def test_spellings_are_one_person(album: Album) -> None:
    for number, name in enumerate(("ada lovelace", "Ada Lovelace", "Ada Lovelace")):
        write_sidecar(album.photo(f"{number}.jpg", orientation=number + 1), album.regions(Ada=name))
    album.index()
    assert {name: len(refs) for name, refs in album.named().items()} == {"Ada Lovelace": 3}


SECRET = "Unmistakable Adelheid"


def bytes_with(folder: Path, text: str) -> list[str]:
    return [str(file) for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_forgetting_erases_claimed_names(album: Album) -> None:
    for number, names in enumerate(({"Ada": SECRET, "Bob": "Bob"}, {"Ada": SECRET})):
        write_sidecar(album.photo(f"{number}.jpg", orientation=number + 1), album.regions(**names))
    # A box without a face has a name, too.
    nowhere = NamedRegion(SECRET, RelativeBox(0.9, 0.9, 0.05, 0.05))
    write_sidecar(album.portrait("2.png"), [nowhere])
    album.index()
    assert "catalog.sqlite" in {Path(file).name for file in bytes_with(album.gallery, SECRET)}
    receipt = forget(album.gallery, SECRET)
    assert receipt.clean, receipt
    assert bytes_with(album.gallery, SECRET) == []
    album.index()
    assert bytes_with(album.gallery, SECRET) == [] and list(album.named()) == ["Bob"]
    # Whoever is forgotten does not come back by a new photo, nor by a new sidecar of an old one.
    write_sidecar(album.photo("3.jpg", orientation=5), album.regions(Ada=SECRET.upper(), Bob="Bob"))
    album.index()
    assert bytes_with(album.gallery, SECRET) == [] and album.left_and_right("3.jpg") == ["Bob"]
    write_sidecar(album.photos / "3.jpg", album.regions(Bob=SECRET))
    album.index()
    assert album.left_and_right("3.jpg") == [] and bytes_with(album.gallery, SECRET) == []
    told = json.dumps({"people": [{"name": SECRET}]})
    album.portrait("4.png", 5).with_name("4.png.json").write_text(told)
    album.index()
    assert album.left_and_right("4.png") == [] and bytes_with(album.gallery, SECRET) == []
    assert verify(album.gallery).problems == []


def test_forgetting_reaches_the_name_in_metadata_of_a_renamed_person(album: Album) -> None:
    write_sidecar(album.photo("1.jpg"), album.regions(Ada=SECRET))
    album.index()
    naming.say(album.gallery, naming.name([SECRET], "Heidi"))
    assert forget(album.gallery, "Heidi").clean
    assert bytes_with(album.gallery, SECRET) == [] and bytes_with(album.gallery, "Heidi") == []


def test_forgetting_one_who_is_only_in_a_box_without_a_face(album: Album) -> None:
    write_sidecar(album.portrait("1.png"), [NamedRegion(SECRET, RelativeBox(0.9, 0.9, 0.05, 0.05))])
    album.index()
    assert bytes_with(album.gallery, SECRET)
    assert forget(album.gallery, SECRET).clean
    assert bytes_with(album.gallery, SECRET) == []


@pytest.mark.parametrize("address", ["copy", "milvus:copy"])
def test_a_copy_keeps_them(address: str, album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(album.photos.parent)
    write_sidecar(album.photo("1.jpg"), album.regions(Ada="Ada", Bob="Bob"))
    album.index()
    copy_gallery(album.gallery, address)
    with closing(Gallery(album.gallery)) as one, closing(Gallery(address)) as other:
        assert one.catalog.claims.photos() == other.catalog.claims.photos() != []
        assert one.catalog.claims.marks() == other.catalog.claims.marks()
    assert update(address, album.photos).names.photos == 0, "the choice is kept, and nothing is read again"


def test_a_damaged_claim_is_read_again(album: Album) -> None:
    write_sidecar(album.photo("1.jpg"), album.regions(Ada="Ada", Bob="Bob"))
    album.index()
    with sqlite3.connect(album.gallery / "catalog.sqlite") as database:
        database.execute("DROP TRIGGER claims_changed")
        database.execute("UPDATE claims SET name = 'Adx' WHERE name = 'Ada'")
    database.close()
    assert any("claims" in problem for problem in verify(album.gallery).problems)
    summary = album.index()
    assert summary.mended and summary.names.photos == 1
    assert album.left_and_right("1.jpg") == ["Ada", "Bob"] and verify(album.gallery).problems == []


def test_in_python(album: Album) -> None:
    write_sidecar(album.photo("1.jpg"), album.regions(Ada="Ada", Bob="Bob"))
    with niteru.Gallery(album.gallery) as gallery:
        assert gallery.index(album.photos, names="metadata").names.faces == 2
        assert [person.name for person in gallery.people()] == ["Ada", "Bob"]

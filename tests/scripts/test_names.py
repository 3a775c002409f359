"""`niteru names` lists what was said of faces, and takes it out as a table and as XMP that others read."""

from __future__ import annotations

import csv
import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from niteru.engine.photos.names.named import FaultKind, NamedRegion
from niteru.engine.photos.names.names_in import names_in
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.names.sidecar import write_sidecar
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.written_names import write_names
from niteru.indexer.update import naming
from niteru.indexer.update.enrol import update
from niteru.indexer.update.names_wanted import NamesFrom
from support.command import niteru
from support.exiftool import ExifTool
from support.party import Party
from support.xmp_forms import lightroom

NOWHERE = NamedRegion("Nowhere", RelativeBox(0.9, 0.9, 0.05, 0.05))


@pytest.fixture
def folder(tmp_path: Path, party: Party) -> Path:
    """Two photos of Ada and Bob: the first lies on its side, and a program has named Ada in it, and a place."""
    for number, orientation in enumerate((6, 1)):
        (tmp_path / "photos").mkdir(exist_ok=True)
        party.save(tmp_path / "photos" / f"{number}.jpg", orientation)
    write_sidecar(tmp_path / "photos" / "0.jpg", [NamedRegion("Ada", party.faces["Ada"]), NOWHERE])
    update(tmp_path / "gallery", tmp_path / "photos", names=NamesFrom.METADATA)
    return tmp_path


def face(folder: Path, ref: str, which: int) -> str:
    """``face:ID`` of the left or the right face in a photo."""
    with closing(Gallery(folder / "gallery")) as gallery:
        return f"face:{sorted(gallery.catalog.queries.faces_of_photo(ref), key=lambda face: face.box[0])[which].id}"


def say(folder: Path, said: naming.Said) -> None:
    naming.say(folder / "gallery", said)


def regions(photo: Path) -> dict[str, RelativeBox]:
    found = names_in(photo)
    assert found.faults == ()
    return {region.name: region.box for region in found.regions}


def names(folder: Path, *words: str) -> dict:
    done = niteru("names", "--gallery", folder / "gallery", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_they_are_listed_with_where_they_are_from(folder: Path) -> None:
    say(folder, naming.name([face(folder, "0.jpg", 1)], "Bob"))
    listed = {(one["photo"], one["person"]): one["sources"] for one in names(folder)["faces"]}
    assert listed == {("0.jpg", "Ada"): ["mwg"], ("0.jpg", "Bob"): ["hand"]}
    done = niteru("names", "--gallery", folder / "gallery")
    assert "1  Ada  (mwg 1)" in done.stdout and "1  Bob  (hand 1)" in done.stdout


def test_the_table_is_indexed_again(folder: Path, party: Party) -> None:
    say(folder, naming.name([face(folder, "1.jpg", 1)], "Bob"))
    table = folder / "names.csv"
    names(folder, "--csv", str(table))
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["path"], row["person"], row["source"]) for row in rows] == [
        ("photos/0.jpg", "Ada", "mwg"),
        ("photos/1.jpg", "Bob", "hand"),
    ]
    left, top, width, height = map(int, rows[1]["box"].split())
    box, (wide, high) = party.faces["Bob"], party.picture.size
    assert left < box.centre[0] * wide < left + width and top < box.centre[1] * high < top + height
    summary = update(folder / "other", table)
    assert (len(summary.added), summary.people) == (2, 2)
    with closing(Gallery(folder / "other")) as gallery:
        assert gallery.generation.columns.names == [], "where a name is from is said of nobody"


def test_written_names_are_read_again(folder: Path, party: Party, exiftool: ExifTool) -> None:
    say(folder, naming.name([face(folder, "0.jpg", 1)], "Bob"))
    say(folder, naming.name([face(folder, "1.jpg", 0)], "李娜 & <Co>"))
    before = {file: file.read_bytes() for file in (folder / "photos").glob("*.jpg")}
    told = names(folder, "--write-xmp")["xmp"]
    assert told == {"written": ["0.jpg", "1.jpg"], "unchanged": 0, "left_out": {}}
    assert {file: file.read_bytes() for file in before} == before
    found = regions(folder / "photos" / "0.jpg")
    assert list(found) == ["Ada", "Nowhere", "Bob"], "what no face was found for stays"
    assert found["Ada"] == pytest.approx(party.faces["Ada"], abs=1e-6)
    assert found["Bob"].overlap(party.faces["Bob"]) > 0.3
    assert list(regions(folder / "photos" / "1.jpg")) == ["李娜 & <Co>"]
    tags = exiftool.read(folder / "photos" / "1.jpg.xmp", "RegionInfo", "PersonInImage")
    assert [one["Name"] for one in tags["RegionInfo"]["RegionList"]] == tags["PersonInImage"] == ["李娜 & <Co>"]
    area, box = tags["RegionInfo"]["RegionList"][0]["Area"], regions(folder / "photos" / "1.jpg")["李娜 & <Co>"]
    assert (area["X"], area["Y"], area["W"], area["H"]) == pytest.approx((*box.centre, box.width, box.height), abs=1e-5)
    # Another gallery learns from the files what this one was told.
    update(folder / "other", folder / "photos", names=NamesFrom.METADATA)
    with closing(Gallery(folder / "gallery")) as one, closing(Gallery(folder / "other")) as other:
        people = [
            {(face.photo, face.box, face.person) for face in opened.catalog.queries.faces(range(1, 9)).values()}
            for opened in (one, other)
        ]
    named = [{row for row in some if row[2] and not row[2].startswith("unnamed")} for some in people]
    assert named[0] == named[1] and len(named[0]) == 3
    assert names(folder, "--write-xmp")["xmp"] == {"written": [], "unchanged": 2, "left_out": {}}


def test_what_was_said_otherwise_is_written(folder: Path) -> None:
    say(folder, naming.name(["Ada"], "Adele"))
    names(folder, "--write-xmp")
    assert list(regions(folder / "photos" / "0.jpg")) == ["Adele", "Nowhere"]
    say(folder, naming.set_aside([face(folder, "0.jpg", 0)], VerdictKind.NOBODY))
    names(folder, "--write-xmp")
    assert list(regions(folder / "photos" / "0.jpg")) == ["Nowhere"]


def test_photos_that_nothing_can_be_written_beside_are_told(folder: Path, party: Party, tmp_path: Path) -> None:
    for number in (0, 1):
        say(folder, naming.name([face(folder, f"{number}.jpg", 1)], "Bob"))
    os.utime(folder / "photos" / "0.jpg", ns=(1, 1))
    (folder / "photos" / "1.jpg.xmp").write_text("<broken")
    told = names(folder, "--write-xmp")["xmp"]
    assert told["written"] == [] and list(told["left_out"]) == ["0.jpg", "1.jpg"]
    assert "niteru index" in told["left_out"]["0.jpg"] and "1.jpg.xmp" in told["left_out"]["1.jpg"]
    with Gallery.writing(folder / "gallery") as gallery, gallery.catalog.transaction():
        gallery.catalog.set_setting("faces", "s3://bucket/photos")
    with closing(Gallery(folder / "gallery")) as gallery:
        left_out = write_names(gallery.catalog).left_out
    assert set(left_out.values()) == {"it lies in a store, where nothing is written"}


def test_a_gallery_where_nobody_was_named(folder: Path) -> None:
    (folder / "photos" / "0.jpg.xmp").unlink()
    update(folder / "gallery", folder / "photos")
    assert names(folder) == {"faces": [], "people": []}
    assert "nobody has been named" in niteru("names", "--gallery", folder / "gallery").stdout
    assert "beside 0 photos" in niteru("names", "--gallery", folder / "gallery", "--write-xmp").stdout


def test_a_run_tells_what_it_took_and_what_was_wrong(folder: Path) -> None:
    words = ("index", folder / "photos", "--gallery", folder / "other")
    first = niteru(*words, "--names", "metadata", "--yes")
    assert "names read in 2 photos; faces named by photo programs: 1" in first.stdout, first.stderr
    assert "names, no-face: 1\n  0.jpg: no face was found in the box of Nowhere" in first.stdout
    write_sidecar(folder / "photos" / "1.jpg", [NOWHERE])
    assert "names would be read in 1 photos" in niteru(*words, "--dry").stdout
    told = json.loads(niteru(*words, "--json").stdout)["names"]
    assert (told["photos"], told["faces"], [fault["kind"] for fault in told["faults"]]) == (1, 1, ["no-face"] * 2)


def test_the_file_beside_a_photo_wins_over_the_photo(folder: Path, party: Party, exiftool: ExifTool) -> None:
    photo = folder / "photos" / "1.jpg"
    exiftool.put_xmp(lightroom(party.stored_faces(), party.stored_size()), photo)
    update(folder / "gallery", folder / "photos")
    say(folder, naming.name([face(folder, "1.jpg", 0)], "Adele"))
    assert names(folder, "--write-xmp")["xmp"]["written"] == ["1.jpg"]
    found = names_in(photo)
    assert [region.name for region in found.regions] == ["Adele", "Bob"]
    assert [fault.kind for fault in found.faults] == [FaultKind.CONFLICT]

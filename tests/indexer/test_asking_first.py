"""People who would go: told and asked about; names and folders that only look like other people's."""

import os
import shutil
from pathlib import Path

import pytest

import niteru as package
from niteru.engine.photos.faces_folder import list_photos
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.adding import add
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.losses import Losses
from niteru.indexer.update.mending import WouldLose
from support.command import niteru
from support.drawn import DrawnFolder


def refuse(_: Losses) -> bool:
    return False


def people(gallery: Path) -> dict[str, int]:
    opened = Gallery(gallery)
    found = {name: faces for _, name, faces in opened.catalog.queries.people()}
    opened.close()
    return found


@pytest.fixture
def indexed(tmp_path: Path, faces: DrawnFolder) -> Path:
    update(tmp_path / "gallery", faces.folder, crops=True)
    return tmp_path / "gallery"


def test_a_person_does_not_go_without_a_word(indexed: Path, faces: DrawnFolder) -> None:
    shutil.rmtree(faces.folder / faces.names[0])
    with pytest.raises(WouldLose, match=rf"would remove {faces.names[0]} \(3 photos\) and drop 3 of 18 photos"):
        update(indexed, faces.folder, crops=True, agree=refuse)
    assert len(people(indexed)) == 6
    assert update(indexed, faces.folder, crops=True, dry=True).losses is not None
    assert update(indexed, faces.folder, crops=True, agree=lambda what: "(3 photos)" in what).removed
    assert len(people(indexed)) == 5


def test_a_mount_that_is_half_away_drops_nobody(indexed: Path, faces: DrawnFolder) -> None:
    for name in faces.names:
        for photo in sorted((faces.folder / name).iterdir())[1:]:
            photo.unlink()
    with pytest.raises(WouldLose, match="would drop 12 of 18 photos"):
        update(indexed, faces.folder, crops=True, agree=refuse)


def test_one_photo_may_go(indexed: Path, faces: DrawnFolder) -> None:
    (faces.folder / faces.ref(0)).unlink()
    assert len(update(indexed, faces.folder, crops=True, agree=refuse).removed) == 1


def test_a_renamed_person_is_asked_about(indexed: Path, faces: DrawnFolder) -> None:
    (faces.folder / faces.names[0]).rename(faces.folder / "Somebody")
    with pytest.raises(WouldLose, match=f"would rename {faces.names[0]} to Somebody; nothing was changed"):
        update(indexed, faces.folder, crops=True, agree=refuse, kind="hnsw", person_level=1)
    assert "Somebody" not in people(indexed)
    opened = Gallery(indexed)
    assert opened.catalog.queries.setting("index") is None
    assert opened.catalog.queries.setting("person_level") is None
    opened.close()


def test_a_link_takes_nobodys_name(indexed: Path, faces: DrawnFolder) -> None:
    (faces.folder / "A best of").symlink_to(faces.folder / faces.names[0], target_is_directory=True)
    (faces.folder / "Zz again").symlink_to(faces.folder / faces.names[1], target_is_directory=True)
    summary = update(indexed, faces.folder, crops=True, agree=refuse)
    assert (summary.moved, summary.unchanged) == ([], 18)


def test_a_link_out_of_the_folder_is_followed(tmp_path: Path, faces: DrawnFolder) -> None:
    shutil.move(faces.folder / faces.names[0], tmp_path / "elsewhere")
    (faces.folder / "Linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert sum(photo.person == "Linked" for photo in list_photos(faces.folder).photos) == 3


@pytest.mark.parametrize("spelling", ["{} ", " {}", "{}\n", "e\u0301{}"])
def test_a_name_is_more_than_its_bytes(indexed: Path, faces: DrawnFolder, spelling: str) -> None:
    """Blanks and accents as another system writes them make nobody else."""
    name = spelling.format(faces.names[4])  # plain letters
    (faces.folder / faces.names[4]).rename(faces.folder / name)
    update(indexed, faces.folder, crops=True)
    expected = "é" + faces.names[4] if spelling[0] == "e" else faces.names[4]
    assert people(indexed)[expected] == 3
    assert len(people(indexed)) == 6


def test_capitals_make_nobody_else(indexed: Path, faces: DrawnFolder) -> None:
    name = faces.names[4]
    (faces.folder / name).rename(faces.folder / "aside")
    (faces.folder / name.lower()).mkdir()
    (faces.folder / name.upper()).mkdir()
    for number, photo in enumerate(sorted((faces.folder / "aside").iterdir())):
        photo.rename(faces.folder / (name.lower() if number else name.upper()) / photo.name)
    (faces.folder / "aside").rmdir()
    assert update(indexed, faces.folder, crops=True, agree=refuse).losses is None
    assert people(indexed)[name] == 3
    opened = Gallery(indexed)
    assert len(opened.catalog.queries.faces_of_person(f"{name.upper()}")) == 3
    opened.close()


def test_the_forgotten_stay_out_whatever_the_spelling(indexed: Path, faces: DrawnFolder) -> None:
    name = faces.names[4]
    assert forget(indexed, name.upper()).person == name
    again = faces.folder / name.lower()
    (faces.folder / name).rename(again)
    for photo in again.iterdir():
        photo.write_bytes(photo.read_bytes() + b"saved again")
    update(indexed, faces.folder, crops=True)
    assert name.lower() not in {known.lower() for known in people(indexed)}


def test_a_photo_by_hand_is_the_known_persons(indexed: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    photo = tmp_path / "new.png"
    photo.write_bytes((faces.folder / faces.ref(0)).read_bytes() + b"other bytes")
    add(indexed, f" {faces.names[4].upper()} ", [photo])
    assert people(indexed)[faces.names[4]] == 4


def test_sub_folders_of_one_name_are_told_and_resolved(
    tmp_path: Path, faces: DrawnFolder, caplog: pytest.LogCaptureFixture
) -> None:
    for name in faces.names[:2]:
        inside = faces.folder / name / "2019"
        inside.mkdir()
        for photo in [*(faces.folder / name).glob("*.png")]:
            photo.rename(inside / photo.name)
    update(tmp_path / "merged", faces.folder, crops=True)
    assert people(tmp_path / "merged")["2019"] == 6
    assert "--person-level 1" in caplog.text
    update(tmp_path / "gallery", faces.folder, crops=True, person_level=1)
    assert people(tmp_path / "gallery") == dict.fromkeys(faces.names, 3)
    assert update(tmp_path / "gallery", faces.folder, crops=True).unchanged == 18, "the choice is kept"


def test_thumbnails_and_bins_of_network_drives_are_nobody(faces: DrawnFolder) -> None:
    for folder in (
        f"{faces.names[0]}/@eaDir/1.jpg",
        "#recycle",
        "lost+found",
        "$RECYCLE.BIN",
        "System Volume Information",
    ):
        (faces.folder / folder).mkdir(parents=True)
        shutil.copy(faces.folder / faces.ref(1), faces.folder / folder / "thumb.png")
    assert {photo.person for photo in list_photos(faces.folder).photos} == set(faces.names)


def test_a_folder_that_cannot_be_listed_stops_nobody_and_drops_nobody(
    indexed: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(indexed, faces.names[5])  # which takes its photos out of the listing
    closed = faces.folder / faces.names[0]
    scan = os.scandir

    def refused(path: str) -> object:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    summary = update(indexed, faces.folder, crops=True, agree=refuse)
    assert {where: why for where, why in summary.skipped.items() if why != "forgotten"} == {
        f"{faces.names[0]}/": "unreadable"
    }
    assert summary.removed == []
    assert len(people(indexed)) == 5


@pytest.mark.parametrize("seconds", [9223372037, 2**40, -(2**33)])
def test_an_absurd_date_is_a_date(tmp_path: Path, faces: DrawnFolder, seconds: int) -> None:
    try:
        os.utime(faces.folder / faces.ref(0), (seconds, seconds))
    except OSError:
        pytest.skip("this file system has no such dates")
    assert update(tmp_path / "gallery", faces.folder, crops=True).faces == 18
    assert update(tmp_path / "gallery", faces.folder, crops=True).unchanged == 18


def test_an_ascii_locale_drops_nobody(tmp_path: Path, faces: DrawnFolder) -> None:
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for environment in ({}, plain):
        done = niteru("index", faces.folder, "--crops", "--gallery", tmp_path / "gallery", env=environment)
        assert done.returncode == 0, done.stderr
    assert people(tmp_path / "gallery") == dict.fromkeys(faces.names, 3)
    assert niteru("people", "--gallery", tmp_path / "gallery", env=plain).returncode == 0


def test_a_command_without_a_terminal_refuses(indexed: Path, faces: DrawnFolder) -> None:
    shutil.rmtree(faces.folder / faces.names[0])
    words = ("index", faces.folder, "--crops", "--gallery", indexed)
    done = niteru(*words)
    assert done.returncode == 1
    assert f"this would remove {faces.names[0]} (3 photos)" in done.stderr
    assert "this would remove" in niteru(*words, "--dry").stdout
    assert niteru(*words, "--yes").returncode == 0


def test_a_program_is_refused_likewise(indexed: Path, faces: DrawnFolder) -> None:
    shutil.rmtree(faces.folder / faces.names[0])
    gallery = package.Gallery(indexed)
    with pytest.raises(package.Failure) as refused:
        gallery.index(faces.folder, crops=True)
    assert refused.value.slug == "would-lose"
    assert gallery.index(faces.folder, crops=True, yes=True).people == 5


def test_a_table_from_excel_is_read(tmp_path: Path, faces: DrawnFolder) -> None:
    table = faces.folder / "people.csv"
    rows = [f"{faces.names[n]}\\{Path(faces.ref(n)).name};{faces.names[n]}" for n in range(6)]
    table.write_text("\ufeffpath;person\r\n" + "\r\n".join(rows) + "\r\n", encoding="utf-8")
    assert update(tmp_path / "gallery", table, crops=True).faces == 6

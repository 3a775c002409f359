"""Reports that show somebody who was forgotten are found wherever they or the gallery went, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from niteru.indexer.gallery import Gallery
from niteru.indexer.storage import report_folder
from niteru.indexer.storage.address import GalleryBusy
from niteru.indexer.storage.report_folder import new_report
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from niteru.serve.report.report import Wanted, write_report
from support.command import niteru
from support.drawn import DrawnFolder


@pytest.fixture
def place(tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with a gallery, in which nothing else lies."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = tmp_path / "place"
    update(place / "gallery", faces.folder, crops=True)
    return place


def report(gallery: Path, folder: Path) -> Path:
    """A report that explains no pair, which would take most of the time."""
    with closing(Gallery(gallery)) as opened:
        write_report(opened, folder, Wanted(max_rarity=0))
    return folder


def test_the_command_removes_them_and_says_so(place: Path, faces: DrawnFolder) -> None:
    for name in ("report", "elsewhere/report", "moved"):
        report(place / "gallery", place / name)
    (place / "moved").rename(place / "renamed")
    (place / "moved").mkdir()
    (place / "moved" / "thesis.txt").write_text("of somebody else")
    assert niteru("forget", "Nemo", "--gallery", place / "gallery").returncode == 1
    assert (place / "report").exists(), "nobody was forgotten"
    done = niteru("forget", faces.names[0], "--gallery", place / "gallery")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("is gone with them") == 3
    assert sorted(path.name for path in place.iterdir()) == ["elsewhere", "gallery", "moved"]
    assert (place / "moved" / "thesis.txt").exists()
    assert list((place / "elsewhere").iterdir()) == []


def test_they_are_found_after_the_gallery_was_moved(place: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    far, beside = report(place / "gallery", tmp_path / "far" / "rep"), report(place / "gallery", place / "rep")
    (place / "gallery").rename(place / "gg")
    shutil.move(place / "gg", tmp_path / "g")
    receipt = forget(tmp_path / "g", faces.names[0])
    assert sorted(receipt.reports) == sorted([str(far), str(beside)])
    assert receipt.clean


def test_they_are_found_after_both_were_moved(place: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    report(place / "gallery", place / "some" / "where" / "rep")
    place.rename(tmp_path / "other")
    receipt = forget(tmp_path / "other" / "gallery", faces.names[0])
    assert receipt.reports == [str(tmp_path / "other" / "some" / "where" / "rep")]
    assert receipt.clean
    assert verify(tmp_path / "other" / "gallery").problems == []


@pytest.mark.skipif(sys.platform == "win32", reason="links to folders want a privilege there")
def test_a_second_path_to_the_gallery_erases_no_memory(place: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    first = report(place / "gallery", tmp_path / "far" / "one")
    (tmp_path / "mount").symlink_to(place, target_is_directory=True)
    with closing(Gallery(tmp_path / "mount" / "gallery")) as opened:
        write_report(opened, tmp_path / "farther" / "two")
    receipt = forget(tmp_path / "mount" / "gallery", faces.names[0])
    assert sorted(receipt.reports) == sorted([str(first), str(tmp_path / "farther" / "two")])
    assert receipt.clean


def test_a_copy_of_the_files_is_another_gallery(place: Path, faces: DrawnFolder) -> None:
    original = report(place / "gallery", place / "report")
    shutil.copytree(place / "gallery", place / "try")
    own = report(place / "try", place / "own")
    receipt = forget(place / "try", faces.names[1])
    assert receipt.reports == [str(own)]
    assert receipt.clean
    assert original.exists(), "it is the original's"
    assert forget(place / "gallery", faces.names[1]).reports == [str(original)]


def test_nothing_but_the_report_is_removed(place: Path, faces: DrawnFolder) -> None:
    rep = report(place / "gallery", place / "report")
    (rep / "notes.txt").write_text("of the owner")
    (rep / "faces" / "holiday.jpg").write_bytes(b"of the owner")
    (rep / "mine").symlink_to(faces.folder, target_is_directory=True)
    with closing(Gallery(place / "gallery")) as opened, pytest.raises(FileExistsError):
        write_report(opened, rep)
    receipt = forget(place / "gallery", faces.names[0])
    assert receipt.clean
    assert receipt.reports == [str(rep)]
    assert sorted(path.relative_to(rep).as_posix() for path in rep.rglob("*")) == [
        "faces",
        "faces/holiday.jpg",
        "mine",
        "notes.txt",
    ]
    assert (faces.folder / faces.ref(0)).exists()


def test_a_report_of_another_gallery_stays(place: Path, faces: DrawnFolder) -> None:
    update(place / "second", faces.folder, crops=True)
    report(place / "gallery", place / "report")
    report(place / "second", place / "report")
    receipt = forget(place / "gallery", faces.names[0])
    assert receipt.clean
    assert receipt.reports == []
    assert (place / "report" / "index.html").exists()


def test_one_that_cannot_be_removed_is_named_until_it_can(place: Path, faces: DrawnFolder) -> None:
    rep = report(place / "gallery", place / "report")
    files = (rep / report_folder.FILES).read_bytes()
    (rep / report_folder.FILES).write_bytes(b"")
    done = niteru("forget", faces.names[0], "--gallery", place / "gallery", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["reports_left"] == [str(rep)]
    problems = verify(place / "gallery").problems
    assert any(str(rep) in one and "forget --finish" in one for one in problems), problems
    (rep / report_folder.FILES).write_bytes(files)
    done = niteru("forget", "--finish", "--gallery", place / "gallery")
    assert done.returncode == 0, done.stdout
    assert "nothing of what was forgotten is left" in done.stdout
    assert not rep.exists()


def test_one_that_is_out_of_reach_is_named_until_it_is_not(place: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    rep = report(place / "gallery", tmp_path / "usb" / "rep")
    (tmp_path / "usb").rename(tmp_path / "unplugged")
    receipt = forget(place / "gallery", faces.names[0])
    assert receipt.reports_left == [str(rep)]
    assert not receipt.clean
    assert not forget(place / "gallery").clean
    (tmp_path / "unplugged").rename(tmp_path / "usb")
    assert forget(place / "gallery").reports == [str(rep)]
    assert not rep.exists()
    assert verify(place / "gallery").problems == []


def test_what_is_up_to_date_is_no_problem(place: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    forget(place / "gallery", faces.names[0])
    rep = report(place / "gallery", tmp_path / "usb" / "rep")
    assert verify(place / "gallery").problems == []
    assert forget(place / "gallery").clean
    assert rep.exists()
    (tmp_path / "usb").rename(tmp_path / "unplugged")
    assert verify(place / "gallery").problems == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"gallery": "another", "places": []}'])
def test_a_list_that_cannot_be_trusted_is_named(place: Path, faces: DrawnFolder, tmp_path: Path, content: str) -> None:
    report(place / "gallery", tmp_path / "far" / "one")
    (place / "gallery" / "reports.json").write_text(content)
    receipt = forget(place / "gallery", faces.names[0])
    assert not receipt.clean
    assert any("reports.json" in one and "then delete" in one for one in receipt.unfinished)
    two = report(place / "gallery", tmp_path / "farther" / "two")
    receipt = forget(place / "gallery", faces.names[1])
    assert receipt.reports == [str(two)], "the list goes on"
    assert any("reports.unreadable" in one for one in receipt.unfinished), "and what was lost is not forgotten"
    (place / "gallery" / "reports.unreadable").unlink()
    assert forget(place / "gallery").clean


def test_where_the_gallery_is_read_only_the_user_remembers(
    place: Path, faces: DrawnFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "gallery" / "reports.json.lock").mkdir()  # so that nobody can write the list, root neither
    rep = report(place / "gallery", tmp_path / "far" / "rep")
    assert not (place / "gallery" / "reports.json").exists()
    (place / "gallery" / "reports.json.lock").rmdir()
    receipt = forget(place / "gallery", faces.names[0])
    assert receipt.reports == [str(rep)]
    assert receipt.clean


def test_a_report_of_which_nobody_can_be_told_says_so(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (place / "gallery" / "reports.json.lock").mkdir()
    (tmp_path / "data").write_text("no folder")
    report(place / "gallery", tmp_path / "far" / "rep")
    assert "delete it yourself when somebody is forgotten" in caplog.text


def test_what_killed_reports_left_goes_too(place: Path, faces: DrawnFolder) -> None:
    """Killed while it writes, and killed between moving the old one away and the new one in."""
    program = (
        "import os, signal, sys; from contextlib import closing; from pathlib import Path;"
        "from niteru.indexer.gallery import Gallery; from niteru.serve.report import page, report;"
        "from niteru.indexer.storage import report_folder;"
        "die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL);"
        "setattr(*{'write': (page.Page, 'write'), 'swap': (report_folder.shutil, 'rmtree')}[sys.argv[1]], die);"
        "report.write_report(Gallery(sys.argv[2]), Path(sys.argv[3]))"
    )
    for step in ("write", "swap"):
        rep = report(place / "gallery", place / "reports" / step)
        assert rep.exists()
        done = subprocess.run([sys.executable, "-c", program, step, place / "gallery", rep], check=False)
        assert done.returncode == -9
    assert len([path for path in (place / "reports").iterdir() if path.name.startswith(".")]) == 2
    receipt = forget(place / "gallery", faces.names[0])
    assert receipt.clean
    assert list((place / "reports").iterdir()) == []


def test_a_report_under_way_is_not_finished(place: Path, faces: DrawnFolder) -> None:
    with closing(Gallery(place / "gallery")) as opened:
        origin = opened.origin
    with pytest.raises(GalleryBusy, match="make the report again"), new_report(place / "report", origin):
        receipt = forget(place / "gallery", faces.names[0])
    assert receipt.clean
    assert sorted(path.name for path in place.iterdir()) == ["gallery"]


def test_no_name_and_no_vector_is_left_in_any_byte(
    place: Path, faces: DrawnFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = faces.names[1]
    env = {"NITERU_CACHE": str(tmp_path / "cache"), "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    for key, value in env.items():
        monkeypatch.setenv(key, value)
    with closing(Gallery(place / "gallery")) as opened:
        refs = {row.photo for row in opened.catalog.queries.faces_of_person(name)}
        secrets = [face.vector.tobytes() for face in opened.catalog.queries.vectors_of_photos(refs)]
        write_report(opened, place / "report")
        write_report(opened, tmp_path / "far" / "since", Wanted(since=1))
        gallery_id = opened.catalog.gallery_id
    for left in (place / "gallery" / "work" / "killed", tmp_path / "tmp" / f"niteru-{gallery_id}-killed"):
        left.mkdir(parents=True)
        (left / "first.npy").write_bytes(b"".join(secrets))
    for shown in (place, tmp_path / "far", tmp_path / "tmp"):
        assert list(_holding([*secrets, name.encode()], shown)), "there is something to be found"
    done = niteru("forget", name, "--gallery", place / "gallery", env=env)
    assert done.returncode == 0, done.stdout
    assert (
        list(_holding([*secrets, name.encode()], place, *(tmp_path / one for one in ("far", "cache", "tmp", "data"))))
        == []
    )
    assert os.fsencode(name) not in b"".join(os.fsencode(path) for path in (tmp_path / "tmp").rglob("*"))


def _holding(secrets: list[bytes], *folders: Path) -> Iterator[Path]:
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file() and any(secret in file.read_bytes() for secret in secrets):
                yield file


def test_work_of_a_read_only_gallery_passes_where_a_forgetting_looks(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with closing(Gallery(place / "gallery")) as opened:
        with opened.passing_folder() as inside:
            assert inside.parent == opened.work_folder
        opened.work_folder.rmdir()
        opened.work_folder.touch()  # so that no folder can be made there, by root neither
        with opened.passing_folder() as outside:
            assert opened.passing_folders() == [outside]
        assert opened.passing_folders() == []

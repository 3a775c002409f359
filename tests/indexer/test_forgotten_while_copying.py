"""Whoever is forgotten while a gallery is copied is in no byte of the copy, and the forgetting names the copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from niteru.indexer.catalog import connection
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.report_folder import origin_of
from niteru.indexer.update import copying
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from niteru.serve.report.report import write_report
from support.command import niteru
from support.drawn import DrawnFolder

STEPS = ("_drop_outdated", "_copy_table", "_copy_crops", "publish_faces", "erase", "_compare")


@pytest.fixture
def source(tmp_path: Path, faces: DrawnFolder) -> Path:
    update(tmp_path / "source", faces.folder, crops=True)
    return tmp_path / "source"


def secrets_of(folder: Path, person: str) -> list[bytes]:
    with closing(Gallery(folder)) as gallery:
        rows = gallery.catalog.queries.faces_of_person(person)
        vectors = gallery.catalog.queries.vectors_of_photos({row.photo for row in rows})
        crops = [data for row in rows if (data := gallery.crops.data(row.id))]
        return [face.vector.tobytes() for face in vectors] + crops + [person.encode()]


def files_with(folder: Path, secrets: list[bytes]) -> list[Path]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if any(secret in file.read_bytes() for secret in secrets)]


@pytest.mark.parametrize("step", STEPS)
def test_they_are_not_in_the_copy(
    source: Path, tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)  # nobody ends the copy, which the forgetting waits for
    secrets = secrets_of(source, faces.names[1])
    original, receipts = getattr(copying, step), []

    def meanwhile(*words: object, **options: object) -> object:
        done = original(*words, **options)
        if not receipts:
            receipts.append(forget(source, faces.names[1]))
        return done

    monkeypatch.setattr(copying, step, meanwhile)
    copied = copy_gallery(source, tmp_path / "copy")
    monkeypatch.undo()
    receipt = receipts[0]
    assert not receipt.clean
    assert any(str(tmp_path / "copy") in one for one in receipt.unfinished), receipt.unfinished
    assert files_with(tmp_path / "copy", secrets) == []
    assert (copied.faces, copied.questions) == (15, 15)
    assert verify(tmp_path / "copy").problems == []
    assert forget(source).clean, "the copy was the reader that kept the log"
    assert files_with(source, secrets) == []
    assert verify(source).problems == []
    again = update(tmp_path / "copy", faces.folder, crops=True)
    assert set(again.skipped.values()) == {"forgotten"}


def test_the_command_says_how_many_were_left_out(source: Path, tmp_path: Path, faces: DrawnFolder) -> None:
    secrets = secrets_of(source, faces.names[1])
    killed(source, tmp_path / "copy")
    receipt = forget(source, faces.names[1])
    assert not receipt.clean
    assert any(f"half a copy in {tmp_path / 'copy'}" in one for one in receipt.unfinished)
    assert any("niteru copy" in problem for problem in verify(source).problems)
    assert files_with(tmp_path / "copy", secrets)
    done = niteru("copy", source, tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    assert "left out 3 faces" in done.stdout
    assert files_with(tmp_path / "copy", secrets) == []
    assert forget(source).clean
    assert verify(source).problems == []


def test_half_a_copy_that_was_deleted_is_no_problem(source: Path, tmp_path: Path, faces: DrawnFolder) -> None:
    killed(source, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy")
    assert forget(source, faces.names[1]).clean


def killed(source: Path, target: Path) -> None:
    """Kill a copy after all is copied, before it is published."""
    program = (
        "import os, signal, sys; from niteru.indexer.update import copying;"
        "copying.publish_faces = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
        "copying.copy_gallery(sys.argv[1], sys.argv[2])"
    )
    assert subprocess.run([sys.executable, "-c", program, source, target], check=False).returncode == -9


def test_a_copy_has_an_id_and_reports_of_its_own(source: Path, tmp_path: Path, faces: DrawnFolder) -> None:
    for folder in ("source", "copy"):
        if folder == "copy":
            copy_gallery(source, tmp_path / "copy")
        with closing(Gallery(tmp_path / folder)) as gallery:
            write_report(gallery, tmp_path / f"of {folder}")
    origins = [origin_of(tmp_path / f"of {one}") for one in ("source", "copy")]
    assert len({origin.gallery for origin in origins if origin}) == 2
    receipt = forget(tmp_path / "copy", faces.names[0])
    assert receipt.reports == [str(tmp_path / "of copy")]
    assert receipt.clean
    assert (tmp_path / "of source" / "index.html").exists()

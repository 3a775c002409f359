"""The service shows a report of its gallery until somebody is forgotten, and no other folder."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from niteru.engine.photos.own_work import MARK
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage import reports
from niteru.indexer.update import forgetting
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.serve.http.app import create_app
from niteru.serve.report.report import write_report
from support.drawn import DrawnFolder

KEY = "a-key-of-thirty-two-characters!!"
HEADERS = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def shown(tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> tuple[FlaskClient, Path]:
    """Service of a gallery, and the report that it shows, moved to where the gallery does not know of it."""
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    update(tmp_path / "gallery", faces.folder, crops=True)
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        write_report(gallery, tmp_path / "made" / "report")
    (tmp_path / "served").mkdir()
    moved = shutil.move(tmp_path / "made" / "report", tmp_path / "served" / "report")
    asked = create_app({"GALLERY": str(tmp_path / "gallery"), "REPORT": str(moved)}).test_client()
    assert asked.get("/report/", buffered=True).status_code == 200
    return asked, Path(moved)


def test_deleting_a_person_takes_the_served_report_away(shown: tuple[FlaskClient, Path], faces: DrawnFolder) -> None:
    asked, folder = shown
    reply = asked.delete(f"/people/{faces.names[0].upper()} ", headers=HEADERS)
    assert reply.status_code == 200
    assert reply.json["reports"] == [str(folder)]
    assert (reply.json["clean"], reply.json["reports_left"], reply.json["unfinished"]) == (True, [], [])
    assert not folder.exists()
    for path in ("/report/", "/report/people.csv", "/report/report.json"):
        assert asked.get(path).status_code == 404
    assert "/report/" not in asked.get("/").text


def test_it_is_no_longer_shown_whatever_fails(
    shown: tuple[FlaskClient, Path], faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, folder = shown

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for where, what in ((reports, "remove_report"), (forgetting, "publish_faces"), (forgetting, "erase")):
        monkeypatch.setattr(where, what, full)
    reply = asked.delete(f"/people/{faces.names[0]}", headers=HEADERS)
    assert reply.status_code == 200
    assert reply.json["clean"] is False
    assert reply.json["reports_left"] == [str(folder)]
    assert any("No space left" in one for one in reply.json["unfinished"])
    assert (folder / "index.html").exists()
    assert asked.get("/report/").status_code == 404
    assert asked.get("/report/people.csv").status_code == 404
    assert faces.names[0] not in asked.get("/people").text


def test_it_is_no_longer_shown_when_somebody_is_forgotten_elsewhere(
    shown: tuple[FlaskClient, Path], tmp_path: Path, faces: DrawnFolder
) -> None:
    asked, folder = shown
    forget(tmp_path / "gallery", faces.names[0])
    assert (folder / "index.html").exists(), "nobody told where the service has it"
    assert asked.get("/report/").status_code == 404


def test_a_crop_that_a_browser_has_is_not_confirmed(shown: tuple[FlaskClient, Path], faces: DrawnFolder) -> None:
    asked, _ = shown
    crop = asked.get(f"/people/{faces.names[0]}").json["faces"][0]["crop"]
    kept = asked.get(crop, buffered=True)
    assert asked.get(crop, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    asked.delete(f"/people/{faces.names[0]}", headers=HEADERS)
    assert asked.get(crop, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 404


def test_no_other_folder_is_shown(shown: tuple[FlaskClient, Path], tmp_path: Path, faces: DrawnFolder) -> None:
    update(tmp_path / "second", faces.folder, crops=True)
    with closing(Gallery(tmp_path / "second")) as gallery:
        write_report(gallery, tmp_path / "of another gallery")
    (tmp_path / "a site").mkdir()
    (tmp_path / "a site" / "index.html").write_text("of the user")
    shutil.copytree(shown[1], tmp_path / "unmarked")
    (tmp_path / "unmarked" / MARK).unlink()
    for name in ("of another gallery", "a site", "unmarked", "nothing"):
        asked = create_app({"GALLERY": str(tmp_path / "gallery"), "REPORT": str(tmp_path / name)}).test_client()
        assert asked.get("/report/").status_code == 404, name
        assert asked.delete(f"/people/{faces.names.pop()}", headers=HEADERS).json["clean"], name
        assert name == "nothing" or (tmp_path / name / "index.html").exists()

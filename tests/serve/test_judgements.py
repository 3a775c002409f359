"""Judgements of the game: kept where the owner wants them, read by ``niteru evaluate``, and gone with the forgotten."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from niteru.indexer.storage.judgements import FILE
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.serve.http.app import create_app
from support.command import niteru
from support.drawings import draw_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    draw_folder(tmp_path / "faces", 5, 1)
    update(tmp_path / "gallery", tmp_path / "faces")
    return tmp_path


def service(root: Path, **config: object) -> FlaskClient:
    return create_app({"GALLERY": str(root / "gallery"), **config}).test_client()


def names(asked: FlaskClient) -> list[str]:
    return [one["person"] for one in asked.get("/people").json["people"]]


def rows(root: Path) -> list[list[str]]:
    with (root / "gallery" / FILE).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_judgements_are_kept_evaluated_and_forgotten(root: Path) -> None:
    asked = service(root, KEEP_JUDGEMENTS=True)
    one, two, three, four, five = names(asked)
    for alike, odd in ((two, three), (three, four), (four, five)):
        assert asked.post("/judgements", json={"asked": one, "alike": alike, "odd": odd}).json == {"kept": True}
    assert rows(root)[0] == ["a", "b", "c", "odd"]
    assert [row[3].partition("/")[0] for row in rows(root)[1:]] == [three, four, five]
    said = niteru("evaluate", root / "faces", "--likeness", root / "gallery" / FILE)
    assert "3" in said.stdout and said.returncode == 0, said.stderr
    assert forget(root / "gallery", four).clean
    assert len(rows(root)) == 2
    assert four not in (root / "gallery" / FILE).read_text(encoding="utf-8")


def test_nothing_is_kept_unless_the_owner_wants_it(root: Path) -> None:
    asked = service(root)
    one, two, three = names(asked)[:3]
    assert asked.post("/judgements", json={"asked": one, "alike": two, "odd": three}).json == {"kept": False}
    assert not (root / "gallery" / FILE).exists()
    assert asked.post("/judgements", json={"asked": one, "alike": one, "odd": three}).status_code == 400
    assert asked.post("/judgements", json={"asked": one, "alike": "Nobody", "odd": three}).status_code == 404

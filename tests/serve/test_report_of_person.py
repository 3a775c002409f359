"""What a report's tables say of one person."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from niteru.serve.report.of_person import OfPerson, of_person
from niteru.serve.report.report import write_report
from support.people import crowd, gallery_of

ODD = "=Ada, '1'"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Report of a crowd, in which thrice three look much alike, and one photo of the fourth person is of the fifth."""
    root = tmp_path_factory.mktemp("report")
    faces = crowd(people=60)
    names = sorted({name for name, *_ in faces})
    vectors = {name: np.stack([vector for person, _, vector in faces if person == name]) for name in names}
    for first in (0, 20, 40):
        for row in (first + 1, first + 2):
            mixed = 0.55 * vectors[names[row]] + 0.45 * vectors[names[first]]
            vectors[names[row]] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    vectors[names[3]][-1] = vectors[names[4]].mean(axis=0) / np.linalg.norm(vectors[names[4]].mean(axis=0))
    called = {names[0]: ODD} | {name: name for name in names[1:]}
    rows = [(called[name], f"{number}.jpg", vector) for name in names for number, vector in enumerate(vectors[name])]
    with closing(gallery_of(root / "gallery", rows)) as gallery:
        return write_report(gallery, root / "report").parent


def test_a_family_is_told_to_each_of_its_people(report: Path) -> None:
    families = {tuple(of_person(report, name).family) for name in (ODD, "P01", "P02")}
    assert len(families) == 1
    assert {ODD, "P01", "P02"} <= set(families.pop())


def test_places_are_anchors_of_the_page(report: Path) -> None:
    page = (report / "index.html").read_text(encoding="utf-8")
    found = of_person(report, "P07")
    assert found.row
    assert found.place
    assert f'id="{found.place}" href="#{found.row}" title="P07"' in page


def test_what_is_to_be_checked_is_told_to_both(report: Path) -> None:
    for name in ("P03", "P04"):
        assert ("moved", "P03", "P04") in [
            (one.kind, one.person, one.other_person) for one in of_person(report, name).checks
        ]


def test_nobody_and_no_report_have_nothing(report: Path, tmp_path: Path) -> None:
    assert of_person(report, "Nobody") == of_person(tmp_path, ODD) == OfPerson()


def test_tables_and_json_agree(report: Path) -> None:
    whole = json.loads((report / "report.json").read_text(encoding="utf-8"))
    for name in ("families", "map"):
        with (report / f"{name}.csv").open(newline="", encoding="utf-8") as rows:
            table = list(csv.DictReader(rows))
        assert [{key: str(value) for key, value in row.items()} for row in whole[name]] == [
            {key: value.removeprefix("'") for key, value in row.items()} for row in table
        ]

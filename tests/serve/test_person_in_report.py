"""``/people/NAME/report``: what the served report says of a person, and to whom."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from flask.testing import FlaskClient

from niteru.serve.csv_table import write_csv
from niteru.serve.http.app import create_app

Crops = dict[str, list[np.ndarray]]
KEY = "a-key-of-thirty-two-characters!!"
HEADERS = {"Authorization": f"Bearer {KEY}"}
NOTHING = {"in_report": None, "on_map": None, "family": [], "checks": []}


def service(root: Path, report: str = "report") -> FlaskClient:
    return create_app({"GALLERY": str(root / "gallery"), "REPORT": str(root / report), "API_KEY": KEY}).test_client()


def copied(place: Path, folder: Path) -> Path:
    for part in ("gallery", "report"):
        shutil.copytree(place / part, folder / part)
    return folder


def test_it_leads_into_the_report(place: Path, drawn_crops: Crops) -> None:
    client = service(place)
    found = client.get(f"/people/{next(iter(drawn_crops))}/report").json
    address, anchor = found["in_report"].split("#")
    assert f'id="{anchor}"' in client.get(address, buffered=True).text


def test_what_to_check_is_told_to_those_who_may_write(place: Path, drawn_crops: Crops, tmp_path: Path) -> None:
    root, (one, other, *_) = copied(place, tmp_path), drawn_crops
    table = root / "report" / "suspects.csv"
    row = {"kind": "moved", "person": one, "photo": "1.jpg", "other_person": other, "other_photo": "2.jpg"}
    with table.open("w", newline="", encoding="utf-8") as out:
        write_csv(out, list(row), [row])
    client = service(root)
    for name in (one, other):
        assert client.get(f"/people/{name}/report").json["checks"] == []
        assert client.get(f"/people/{name}/report", headers=HEADERS).json["checks"] == [row]


def test_without_a_report_nothing_is_said(place: Path, drawn_crops: Crops) -> None:
    client = service(place, "none")
    assert client.get(f"/people/{next(iter(drawn_crops))}/report").json == NOTHING
    assert client.get("/people/Nobody/report").json == NOTHING


def test_a_family_has_those_who_are_there(place: Path, drawn_crops: Crops, tmp_path: Path) -> None:
    root, (one, other, third, *_) = copied(place, tmp_path), drawn_crops
    rows = [{"family": 1, "person": name} for name in (one, other, "Called otherwise now", third)]
    with (root / "report" / "families.csv").open("w", newline="", encoding="utf-8") as out:
        write_csv(out, ["family", "person"], rows)
    client = service(root)
    assert client.get(f"/people/{other}/report").json["family"] == [one, other, third]
    assert client.delete(f"/people/{third}", headers=HEADERS).status_code == 200
    assert client.get(f"/people/{other}/report").json == NOTHING

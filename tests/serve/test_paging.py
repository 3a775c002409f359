"""Lists in parts: every list has offset, limit and total, and links that lead through it."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from niteru.indexer.update.enrol import update
from support.drawn import write_crops
from support.service import client

AGENCIES = ("Elite", "Elite", "Elite", "Storm", "Women", "")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, drawn_crops: dict[str, Any]) -> FlaskClient:
    """Client of a service that a table tells of the agencies of five of its six people."""
    root = tmp_path_factory.mktemp("told")
    folder = write_crops(root / "faces", drawn_crops)
    table = ["path,person,agency"]
    for number, (name, agency) in enumerate(zip(folder.names, AGENCIES, strict=True)):
        table += [f"{folder.ref(number, photo)},{name},{agency}" for photo in (1, 2, 3)]
    (root / "faces" / "table.csv").write_text("\n".join(table), encoding="utf-8")
    update(root / "gallery", root / "faces" / "table.csv", crops=True)
    return client(root)


def next_of(link: str | None) -> str | None:
    found = re.search(r'<([^>]+)>; rel="next"', link or "")
    return found[1] if found else None


@pytest.mark.parametrize(
    ("path", "items"),
    [
        ("/people", "people"),
        ("/people?where=agency:Elite", "people"),
        ("/people/{}", "faces"),
        ("/columns/agency", "values"),
    ],
)
def test_links_lead_through_the_whole_list(told: FlaskClient, path: str, items: str) -> None:
    path = path.format(told.get("/people?limit=1").json["people"][0]["person"])
    whole = told.get(path)
    assert len(whole.json[items]) == whole.json["total"] >= 3
    assert "Link" not in whole.headers
    found: list[Any] = []
    address: str | None = f"{path}{'&' if '?' in path else '?'}limit=2"
    while address:
        part = told.get(address)
        assert part.json["total"] == whole.json["total"]
        assert 1 <= len(part.json[items]) <= 2
        found += part.json[items]
        address = next_of(part.headers.get("Link"))
    assert found == whole.json[items]


def test_a_part_in_the_middle_leads_both_ways_and_keeps_the_question(told: FlaskClient) -> None:
    rest = "limit=1&where=agency%3AElite"
    link = told.get("/people?offset=1&limit=1&where=agency:Elite").headers["Link"]
    assert link == f'</people?offset=2&{rest}>; rel="next", </people?offset=0&{rest}>; rel="prev"'
    middle = told.get("/people?offset=1&limit=2").headers["Link"]
    assert middle == '</people?offset=3&limit=2>; rel="next", </people?offset=0&limit=2>; rel="prev"'


def test_what_lies_beyond_a_list_is_empty(told: FlaskClient) -> None:
    beyond = told.get("/people?offset=100")
    assert (beyond.status_code, beyond.json["people"], beyond.json["total"]) == (200, [], 6)
    counted = told.get("/people?limit=0")
    assert (counted.json["people"], counted.json["total"], counted.headers.get("Link")) == ([], 6, None)
    for wrong in ("offset=-1", "limit=-1", "limit=x", "offset=1&offset=2", "page=2"):
        assert told.get(f"/people?{wrong}").json["type"] == "bad-parameter", wrong

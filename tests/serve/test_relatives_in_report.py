"""Likeness in the family stands apart from look-alikes in a report, on the page, in its tables and in JSON."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.embedding.embedder import Embedder
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives.told import Told
from niteru.indexer.update.naming import say, tell
from niteru.serve.report.report import Wanted, write_report
from support.people import gallery_of

FAMILY = [f"R{number}" for number in range(4)]
STRANGERS = [f"S{number:02d}" for number in range(26)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four relatives who are much alike, one of them by marriage of another family too, and strangers."""
    root, dice, size = tmp_path_factory.mktemp("relatives"), np.random.default_rng(3), Embedder().info.dimension
    shared, rows = dice.normal(size=size), []
    for who in FAMILY + STRANGERS:
        middle = dice.normal(size=size) + (1.5 * shared if who in FAMILY else 0)
        for photo in range(3):
            vector = middle + dice.normal(scale=0.4, size=size)
            rows.append((who, f"{photo}.png", (vector / np.linalg.norm(vector)).astype(np.float32)))
    gallery_of(root / "gallery", rows).close()
    for who in FAMILY:
        say(root / "gallery", tell([who], Told(family=("Lovelace",))), publish=False)
    say(root / "gallery", tell([FAMILY[0]], Told(family=("lovelace", "King"))), publish=False)
    say(root / "gallery", tell([STRANGERS[0]], Told(family=("King",))))
    return root


def report(folder: Path, wanted: Wanted) -> tuple[dict, Path]:
    with closing(Gallery(folder / "gallery")) as gallery:
        page = write_report(gallery, folder / f"report-{wanted.k}-{wanted.anonymise}", wanted)
    return json.loads((page.parent / "report.json").read_text("utf-8")), page.parent


def test_relatives_are_told_apart_and_leave_no_gap(folder: Path) -> None:
    told, place = report(folder, Wanted(k=5))
    rows = {row["person"]: row for row in told["people"]}
    family = {frozenset((one, other)) for one in FAMILY for other in FAMILY if one != other}
    family.add(frozenset((FAMILY[0], STRANGERS[0])))
    for name, row in rows.items():
        near, kin = ([one["other_person"] for one in row[which]] for which in ("nearest", "relatives"))
        assert len(near) == 5, "as many look-alikes as anybody has"
        assert all(frozenset((name, other)) not in family for other in near)
        assert {frozenset((name, other)) for other in kin} == {pair for pair in family if name in pair}
        assert [one["similarity"] for one in row["relatives"]] == sorted(
            (one["similarity"] for one in row["relatives"]), reverse=True
        )
        assert {one["related"] for one in row["nearest"]} == {False}
        assert {one["related"] for one in row["relatives"]} <= {True}
    with (place / "pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    with (place / "relatives.csv").open(encoding="utf-8", newline="") as file:
        relatives = list(csv.DictReader(file))
    assert len(pairs) == 5 * len(rows) and len(relatives) == 2 * len(family)
    assert {row["related"] for row in pairs} != {row["related"] for row in relatives}
    html = (place / "index.html").read_text("utf-8")
    section = html.split('<section id="relatives"')[1].split("</section>")[0]
    assert "Likeness in the family</span></h2>" in section
    assert section.count('<li><a class="pair"') == len(family)


def test_rarity_is_as_it_was(folder: Path, tmp_path: Path) -> None:
    """Somebody who is a relative is as rarely alike as before anybody said so."""
    told, _ = report(folder, Wanted(k=29))
    with closing(Gallery(folder / "gallery")) as gallery:
        assert gallery.generation.columns.lives.families
    said = {
        frozenset((row["person"], one["other_person"])): one["rarity"]
        for row in told["people"]
        for one in row["nearest"] + row["relatives"]
    }
    anonymous, place = report(folder, Wanted(k=29, anonymise=True))
    assert sorted(said.values()) == sorted(
        {
            frozenset((row["person"], one["other_person"])): one["rarity"]
            for row in anonymous["people"]
            for one in row["nearest"]
        }.values()
    )
    assert not (place / "relatives.csv").exists(), "what a table says of people is nobody's business there"
    assert 'id="relatives"' not in (place / "index.html").read_text("utf-8")

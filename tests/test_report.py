"""The report opens without a server, names everybody, and lets no name break out."""

import csv
import re
from pathlib import Path

import pytest

from indexer.enrol import update
from indexer.gallery import Gallery
from serve.report import rarity_in_words, write_report


def test_everybody_has_a_row_with_faces_that_exist(gallery: Gallery, tmp_path: Path) -> None:
    page = write_report(gallery, tmp_path / "report", k=3)
    html = page.read_text(encoding="utf-8")
    people = [name for _, name, _ in gallery.catalog.people()]
    assert len(people) == 6
    for name in people:
        assert f"<h3>{name}</h3>" in html
    shown = re.findall(r'src="([^"]+)"', html)
    assert shown
    assert all((page.parent / source).is_file() for source in shown)
    rows = list(csv.DictReader((page.parent / "pairs.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 6 * 3
    for name in people:
        own = [row for row in rows if row["person"] == name]
        assert name not in [row["other_person"] for row in own]
        similarities = [float(row["similarity"]) for row in own]
        assert similarities == sorted(similarities, reverse=True)


def test_names_break_out_of_nothing(faces, tmp_path: Path) -> None:
    evil = ["<script>alert(1)<∕script>", "=cmd|' ⁄C calc'!A0", '"><img src=x onerror=alert(1)>']
    for old, new in zip(faces.names, evil, strict=False):
        (faces.folder / old).rename(faces.folder / new)
    update(tmp_path / "gallery", faces.folder, crops=True)
    gallery = Gallery(tmp_path / "gallery")
    page = write_report(gallery, tmp_path / "report")
    gallery.close()
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html
    cells = [cell for row in csv.reader((page.parent / "pairs.csv").read_text().splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
    assert "'=cmd|' ⁄C calc'!A0" in cells


def test_a_report_replaces_a_report_and_nothing_else(gallery: Gallery, tmp_path: Path) -> None:
    out = tmp_path / "report"
    write_report(gallery, out)
    (out / "crops" / "old.jpg").write_text("of the last report")
    write_report(gallery, out)
    assert not (out / "crops" / "old.jpg").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faces", "gallery", "report"]
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "pairs.csv").write_text("of a data set")
    (precious / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="holds no report"):
        write_report(gallery, precious)
    assert (precious / "thesis.txt").exists()


def test_one_person_alone_has_a_report_too(faces, tmp_path: Path) -> None:
    only = tmp_path / "only" / "Ada"
    only.parent.mkdir()
    (faces.folder / faces.names[0]).rename(only)
    update(tmp_path / "gallery", only.parent, crops=True)
    gallery = Gallery(tmp_path / "gallery")
    html = write_report(gallery, tmp_path / "report").read_text(encoding="utf-8")
    gallery.close()
    assert "a report needs two people" in html


def test_rarity_in_words() -> None:
    assert rarity_in_words(0.25) == "closer than 75 % of pairs"
    assert rarity_in_words(0.0003) == "closer than 99.97 % of pairs"
    assert rarity_in_words(0.000012) == "closer than 99.998 % of pairs"
    assert rarity_in_words(5e-7) == "closer than 99.999 % of pairs"
    assert rarity_in_words(1.0) == "closer than 0 % of pairs"

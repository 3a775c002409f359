"""Report that opens without a server, lists everybody, and escapes every name."""

import csv
import json
import re
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pyarrow import parquet

from niteru.indexer.ask.how_sure import Interval
from niteru.indexer.ask.not_found import PersonNotFound
from niteru.indexer.ask.resemblance import PersonRow, Resemblance, ShownFace
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.report_folder import new_report, withdraw_report
from niteru.indexer.update.enrol import update
from niteru.serve.report.earlier import Earlier, last_report, pair_of
from niteru.serve.report.page import CHUNK, SCRIPTS
from niteru.serve.report.report import Wanted, write_report
from niteru.serve.report.surprises import surprises
from support.command import niteru
from support.drawn import DrawnFolder
from support.people import crowd, gallery_of
from support.tables import write_table


def test_everybody_has_a_row_with_faces_that_exist(gallery: Gallery, tmp_path: Path) -> None:
    page = write_report(gallery, tmp_path / "report", Wanted(k=3))
    html = page.read_text(encoding="utf-8")
    people = [name for _, name, _ in gallery.catalog.queries.people()]
    assert len(people) == 6
    for name in people:
        assert re.search(f'<h3 id="n[0-9]"><bdi>{name}</bdi></h3>', html)
    shown = re.findall(r'(?:src|href)="([^"#]+)"', html)
    assert len(shown) > 20
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
    scripts = re.findall(r"<script[^>]*>", html)
    assert [one for one in scripts if "application/json" not in one] == [
        f'<script defer src="{file}">' for file in SCRIPTS
    ]
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html
    tables = [page.with_name(name).read_text() for name in ("pairs.csv", "people.csv", "suspects.csv")]
    cells = [cell for table in tables for row in csv.reader(table.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
    assert "'=cmd|' ⁄C calc'!A0" in cells


def test_columns_are_in_the_tables_and_the_filter_in_the_head(faces: DrawnFolder, tmp_path: Path) -> None:
    table = write_table(faces, **{faces.names[0]: "=Elite"})
    table.write_text(table.read_text(encoding="utf-8").replace("agency,born", "agency,Faces", 1), encoding="utf-8")
    update(tmp_path / "gallery", table, crops=True)
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        page = write_report(gallery, tmp_path / "report", Wanted(where=("faces:1990..1993",)))
        hidden = write_report(gallery, tmp_path / "hidden", Wanted(where=("faces:1990..1993",), anonymise=True))
    people = {row["person"]: row for row in read(page.with_name("people.csv"))}
    assert set(people) == set(faces.names[:4])
    first = people[faces.names[0]]
    assert (first["agency"], first["Faces (table)"], first["faces"]) == ("'=Elite", "1990-04-05", "3")
    assert parquet.read_table(page.with_name("people.parquet")).column("agency").to_pylist().count("=Elite") == 1
    told = {row["person"]: row["columns"] for row in json.loads(page.with_name("report.json").read_text())["people"]}
    assert told[faces.names[1]] == {"Faces": ["1991-04-05"], "agency": ["Ford"]}
    html = page.read_text(encoding="utf-8")
    assert "Only people of whom a table says faces:1990..1993 are compared." in html
    assert "agency: <bdi>Ford</bdi>" in html
    assert "1991-04-05" in (page.parent / "rows" / "names.js").read_text(encoding="utf-8")
    for file in hidden.parent.rglob("*"):
        if file.suffix in (".html", ".csv", ".json", ".js"):
            assert not re.search("Elite|Ford|19[90][0-5]-04-05|1990\\.\\.1993", file.read_text(encoding="utf-8")), file


def test_a_report_replaces_a_report_and_nothing_else(gallery: Gallery, tmp_path: Path) -> None:
    out = tmp_path / "report"
    write_report(gallery, out)
    old = next((out / "faces").iterdir())
    old.write_text("of the last report")
    write_report(gallery, out)
    assert old.read_bytes() != b"of the last report"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faces", "gallery", "report"]
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "pairs.csv").write_text("of a data set")
    (precious / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="holds no report"):
        write_report(gallery, precious)
    assert (precious / "thesis.txt").exists()


def read(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_tables_say_what_the_page_does(gallery: Gallery, tmp_path: Path) -> None:
    folder = write_report(gallery, tmp_path / "report").parent
    report = json.loads((folder / "report.json").read_text())
    pairs, people = read(folder / "pairs.csv"), read(folder / "people.csv")
    assert [row["person"] for row in people] == [row["person"] for row in report["people"]] == sorted(names_in(report))
    assert [(row["person"], row["other_person"], float(row["rarity"])) for row in pairs] == [
        (row["person"], found["other_person"], found["rarity"]) for row in report["people"] for found in row["nearest"]
    ]
    firsts = {row["person"]: row["nearest_person"] for row in people}
    for row in pairs:
        mutual = row["rank"] == "1" and firsts[row["other_person"]] == row["person"]
        assert row["mutual"] == ("yes" if mutual else "no")
    rarest = min(found["rarity"] for row in report["people"] for found in row["nearest"])
    assert rarest == pytest.approx(1 / report["pairs_measured"], rel=0.01), "of all pairs one is the most alike"
    assert report["pairs_measured"] == len(people) * (len(people) - 1) // 2


def names_in(report: dict) -> list[str]:
    return [row["person"] for row in report["people"]]


def test_two_reports_of_one_gallery_are_equal(gallery: Gallery, tmp_path: Path) -> None:
    one, two = (write_report(gallery, tmp_path / name).parent for name in ("one", "two"))
    for file in one.iterdir():
        if file.is_file():
            first, second = (
                re.sub(rb"\d{4}-\d\d-\d\d", b"DAY", (place / file.name).read_bytes()) for place in (one, two)
            )
            assert first == second, file.name


def test_some_people_only_and_nobody_who_is_not_here(gallery: Gallery, tmp_path: Path) -> None:
    names = sorted(name for _, name, _ in gallery.catalog.queries.people())[:3]
    folder = write_report(gallery, tmp_path / "some", Wanted(people=frozenset(names))).parent
    assert {cell for row in read(folder / "pairs.csv") for cell in (row["person"], row["other_person"])} == set(names)
    with pytest.raises(PersonNotFound, match="'Nemo'"):
        write_report(gallery, tmp_path / "none", Wanted(people=frozenset([*names, "Nemo"])))
    assert not (tmp_path / "none").exists()


def test_what_is_too_common_is_left_out(gallery: Gallery, tmp_path: Path) -> None:
    folder = write_report(gallery, tmp_path / "rare", Wanted(max_rarity=0.2)).parent
    rows = read(folder / "pairs.csv")
    assert rows
    assert all(float(row["rarity"]) <= 0.2 for row in rows)
    assert len(read(folder / "people.csv")) == 6, "everybody is still named"


def test_an_anonymous_report_names_nobody(gallery: Gallery, tmp_path: Path) -> None:
    folder = write_report(gallery, tmp_path / "to-show", Wanted(anonymise=True)).parent
    text = "".join(file.read_text() for file in folder.iterdir() if file.suffix in (".html", ".csv", ".json"))
    for _, name, _ in gallery.catalog.queries.people():
        assert name not in text
    assert ".png" not in text, "nor a photo"
    assert not (folder / "suspects.csv").exists()
    assert "yes" not in {row["same_person"] for row in read(folder / "pairs.csv")}
    faces = [cv2.imread(str(file)) for file in (folder / "faces").iterdir()]
    assert faces
    for face in faces:
        squares = cv2.resize(face, (8, 8), interpolation=cv2.INTER_AREA)
        again = cv2.resize(squares, (112, 112), interpolation=cv2.INTER_NEAREST)
        assert np.abs(face.astype(int) - again).mean() < 4, "nothing finer than an eighth"
    other = write_report(gallery, tmp_path / "again", Wanted(anonymise=True)).parent
    assert (folder / "pairs.csv").read_text() != (other / "pairs.csv").read_text(), "numbers are drawn anew"


def test_a_report_of_a_gallery_between_two_generations_names_only_who_is_who(gallery: Gallery, tmp_path: Path) -> None:
    writer = Catalog(gallery.folder / "catalog.sqlite")
    name = sorted(name for _, name, _ in gallery.catalog.queries.people())[2]
    for face in gallery.catalog.queries.faces_of_person(name)[:2]:
        with writer.transaction():
            writer._db.execute("UPDATE faces SET person_id = NULL WHERE id = ?", (face.id,))
    writer.close()
    now = Gallery(gallery.folder)
    folder = write_report(now, tmp_path / "report").parent
    now.close()
    assert {row["person"]: row["faces"] for row in read(folder / "people.csv")}[name] == "1"
    assert "None" not in (folder / "pairs.csv").read_text()


def test_a_run_that_breaks_off_leaves_the_old_report_and_nothing_else(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = write_report(gallery, tmp_path / "report")
    before = page.read_text()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("niteru.serve.report.page.Page.write", full)
    with pytest.raises(OSError, match="No space"):
        write_report(gallery, tmp_path / "report")
    assert page.read_text() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faces", "gallery", "report"]


def test_a_report_is_withdrawn_with_what_a_kill_left(gallery: Gallery, tmp_path: Path) -> None:
    write_report(gallery, tmp_path / "report")
    (tmp_path / "report" / ".DS_Store").write_bytes(b"of a Mac")
    shutil.copytree(tmp_path / "report", tmp_path / ".report-swapped1" / "report")
    with new_report(tmp_path / "report", gallery.origin) as half:
        (half / "index.html").write_text("of somebody")
        half.rename(tmp_path / ".report-killed_1")
        half.mkdir()
    withdraw_report(tmp_path / "report")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faces", "gallery"]
    (tmp_path / "report").mkdir()
    withdraw_report(tmp_path / "report")
    assert (tmp_path / "report").is_dir(), "an empty folder is nobody's report"


def test_what_is_new_since_the_last_report_is_told(faces: DrawnFolder, tmp_path: Path) -> None:
    kept, away = faces.folder / faces.names[0], tmp_path / "away"
    kept.rename(away)
    update(tmp_path / "gallery", faces.folder, crops=True)

    def report() -> str:
        gallery = Gallery(tmp_path / "gallery")
        html = write_report(gallery, tmp_path / "report").read_text(encoding="utf-8")
        gallery.close()
        return html

    assert 'data-say="new"' not in report()
    assert ">Nothing is new.</span>" in report()
    away.rename(kept)
    (faces.folder / faces.names[1]).rename(away)
    update(tmp_path / "gallery", faces.folder, crops=True)
    html = report()
    news = html[html.index('<section id="new"') : html.index('<section id="most-alike"')]
    came, left = news[news.index("New here") :].split("No longer here")
    assert re.search(rf'<img class="face" [^>]*src="faces/\d+.jpg"[^>]*><bdi>{faces.names[0]}</bdi>', came)
    assert re.findall("<bdi>(.*?)</bdi>", came) == [faces.names[0]]
    assert re.findall("<bdi>(.*?)</bdi>", left)[0] == faces.names[1]


def found(one: str, other: str, rarity: float, same: bool = False) -> PersonRow:
    a, b = (ShownFace(1, f"{name}/1.jpg", name) for name in (one, other))
    likely = Interval(rarity, rarity)
    return PersonRow(one, 1, 0.0, [Resemblance(a, b, 0.5, rarity, likely, same, False)])


def test_what_is_rare_now_and_was_not_is_a_surprise_and_what_is_no_more() -> None:
    told = {
        ("Ada", "Bo"): 0.001,
        ("Jo", "Kim"): 0.001,
        ("Lea", "Mia"): 0.2,
        ("Noe", "Ova"): 0.012,
        ("Ada", "Jo"): 0.004,
    }
    people = "Ada Bo Cy Di Ed Flo Gil Hal Jo Kim Lea Mia Noe Ova Quy Ros".split()  # noqa: SIM905
    unsure = frozenset(("Quy", "Ros"))
    before = Earlier(
        "Monday",
        frozenset(people),
        {pair_of(*pair): rarity for pair, rarity in told.items()},
        lambda pair: 0.005 if pair == unsure else 0.3,
    )
    rows = [
        found("Ada", "Bo", 0.001),
        found("Cy", "Di", 0.001),
        found("Di", "Cy", 0.001),
        found("Ed", "Flo", 0.2),
        found("Gil", "Hal", 0.001, True),
        found("Jo", "Kim", 0.1),
        found("Kim", "Jo", 0.1),
        found("Lea", "Mia", 0.01),
        found("Noe", "Ova", 0.009),
        found("Pia", "Ada", 0.002),
        found("Quy", "Ros", 0.001),
    ]
    now = {pair_of("Jo", "Kim"): 0.1, pair_of("Ada", "Jo"): 0.004, pair_of("Ada", "Bo"): 0.001}
    news = surprises(rows, before, now.__getitem__)
    assert {(one.found.person, one.found.other_person): one.before for one in news.risen} == {
        ("Cy", "Di"): None,
        ("Lea", "Mia"): 0.2,
        ("Pia", "Ada"): None,
    }
    assert news.gone == [("Jo", "Kim")]
    assert (news.came, news.went) == (["Pia"], ["Bo", "Flo", "Hal", "Mia", "Ova", "Ros"])


def test_a_report_is_compared_with_one_that_was_asked_for_the_same(gallery: Gallery, tmp_path: Path) -> None:
    write_report(gallery, tmp_path / "report", Wanted(k=3))
    origin = gallery.origin
    assert last_report(tmp_path / "report", Wanted(k=3).asked, origin) is not None
    assert last_report(tmp_path / "report", Wanted(k=2).asked, origin) is None
    assert last_report(tmp_path, Wanted(k=3).asked, origin) is None
    later = replace(origin, erasures=origin.erasures + 1)
    assert last_report(tmp_path / "report", Wanted(k=3).asked, later) is None, "it may name who was forgotten"


def test_nothing_is_new_since_the_same_generation(gallery: Gallery, tmp_path: Path) -> None:
    for wanted in (Wanted(since=1), Wanted(since=1, max_rarity=0.1), Wanted(since=1, k=1)):
        assert ">Nothing is new.</span>" in write_report(gallery, tmp_path / "report", wanted).read_text(
            encoding="utf-8"
        )


def test_a_folder_of_photos_is_no_report(gallery: Gallery, tmp_path: Path) -> None:
    for inner in ("rows/Ada/1.jpg", "crops/Ada/1.jpg", "index.html"):
        folder = tmp_path / inner.replace("/", "-")
        (folder / inner).parent.mkdir(parents=True)
        (folder / inner).write_bytes(b"years of work")
        with pytest.raises(FileExistsError, match="holds no report"):
            write_report(gallery, folder)
        assert not withdraw_report(folder)
        assert (folder / inner).exists()


def test_what_is_new_since_a_generation(faces: DrawnFolder, tmp_path: Path) -> None:
    away = tmp_path / "away" / faces.names[0]
    away.parent.mkdir()
    (faces.folder / faces.names[0]).rename(away)
    update(tmp_path / "gallery", faces.folder, crops=True)
    away.rename(faces.folder / faces.names[0])
    update(tmp_path / "gallery", faces.folder, crops=True)
    done = niteru("report", "--gallery", tmp_path / "gallery", "--out", tmp_path / "report", "--since", 1)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert ">New since generation 1</span></h2>" in html
    news = html[html.index('<section id="new"') : html.index('<section id="most-alike"')]
    assert f"<bdi>{faces.names[0]}</bdi>" in news[news.index("New here") :]
    done = niteru("report", "--gallery", tmp_path / "gallery", "--out", tmp_path / "report", "--since", 7)
    assert done.returncode == 1
    assert "generation 7 is not kept; 1, 2 are" in done.stderr


def test_of_many_people_the_rows_come_as_they_are_looked_for(tmp_path: Path) -> None:
    gallery = gallery_of(
        tmp_path / "gallery", [(name, photo, v) for name, photo, v in crowd(people=120) if photo < "3"]
    )
    folder = write_report(gallery, tmp_path / "report").parent
    gallery.close()
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<section class="row"', html)) == CHUNK
    later = "".join((folder / "rows" / f"{number}.js").read_text() for number in (1, 2))
    assert {f'id=\\"p{number}\\"' in later for number in range(CHUNK, 120)} == {True}
    assert json.loads((folder / "rows" / "names.js").read_text()[6:-3]) == [f"P{n:03d}" for n in range(120)]
    faces = set(re.findall(r"faces/\d+(?:-large)?\.jpg", html + later))
    assert len(faces) > 120
    assert all((folder / face).is_file() for face in faces)
    places = re.findall(r"--x: (\d+); --y: (\d+)", html)
    assert len(places) == len(set(places)) == 120, "a cell for each face"
    picture = cv2.imread(str(folder / "map.webp"), cv2.IMREAD_UNCHANGED)
    side = int(re.search(r"--n: (\d+)", html)[1])
    cell = picture.shape[0] // side
    shown = picture[cell // 2 :: cell, cell // 2 :: cell, 3] > 0
    assert {(str(x), str(y)) for y, x in np.argwhere(shown)} == set(places)


def test_who_has_no_row_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niteru.serve.report.report.SHOWN_PEOPLE", 60)
    with closing(gallery_of(tmp_path / "gallery", [one for one in crowd(people=70) if one[1] < "1"])) as gallery:
        folder = write_report(gallery, tmp_path / "report").parent
        hidden = write_report(gallery, tmp_path / "hidden", Wanted(anonymise=True)).parent
    assert [row["person"] for row in read(folder / "people.csv")] == [f"P{n:02d}" for n in range(70)]
    for place, names in ((folder, [f"P{n:02d}" for n in range(70)]), (hidden, [f"person {n}" for n in range(1, 71)])):
        html = (place / "index.html").read_text(encoding="utf-8") + (place / "rows" / "1.js").read_text()
        assert len(re.findall(r'<section class=\\?"row\\?"', html)) == 60
        assert json.loads((place / "rows" / "names.js").read_text()[6:-3]) == names


def test_tables_are_there_as_parquet_too(gallery: Gallery, tmp_path: Path) -> None:
    folder = write_report(gallery, tmp_path / "report").parent
    for name in ("pairs", "people", "suspects"):
        rows, table = read(folder / f"{name}.csv"), parquet.read_table(folder / f"{name}.parquet")
        assert table.num_rows == len(rows)
        assert table.column_names == next(csv.reader((folder / f"{name}.csv").read_text().splitlines()))
    assert [row["person"] for row in read(folder / "people.csv")] == parquet.read_table(folder / "people.parquet")[
        "person"
    ].to_pylist()


def test_one_person_alone_has_a_report_too(faces, tmp_path: Path) -> None:
    only = tmp_path / "only" / "Ada"
    only.parent.mkdir()
    (faces.folder / faces.names[0]).rename(only)
    update(tmp_path / "gallery", only.parent, crops=True)
    gallery = Gallery(tmp_path / "gallery")
    html = write_report(gallery, tmp_path / "report").read_text(encoding="utf-8")
    gallery.close()
    assert ">There is nobody to compare: a report needs at least two people.</span>" in html

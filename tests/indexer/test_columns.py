"""What tables say of people: kept, shown, filtered by, changed and forgotten, in every backend."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import niteru
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.column_summary import ColumnSummary, Range, Value
from niteru.indexer.generations.columns import Columns
from niteru.indexer.generations.generation import Nearest
from niteru.indexer.generations.index import KINDS
from niteru.indexer.generations.quantities import quantity
from niteru.indexer.generations.where import BadCondition
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.scripts.stats import command as stats
from niteru.serve.http.app import create_app
from support.drawn import DrawnFolder
from support.tables import write_table


def names(gallery: niteru.Gallery, *where: str) -> list[str]:
    return [one.name for one in gallery.people(where=where)]


def test_columns_are_shown_searched_and_changed(address: str, faces: DrawnFolder) -> None:
    gallery = niteru.Gallery(address)
    gallery.index(write_table(faces), crops=True)
    first = faces.names[0]
    assert {one.name: one.columns for one in gallery.people()}[first] == {"agency": ["Elite"], "born": ["1990-04-05"]}
    elite = sorted(faces.names[::2])
    assert names(gallery, "agency:elite") == elite
    assert names(gallery, "agency:Elite", "born:1991..1993") == [faces.names[2]]
    for k in (1, 2, 3):
        found = gallery.similar(f"faces/{first}/{first}_0001.png", k=k, mode="all", where="agency:Elite")
        assert len(found) == k and {one.person for one in found} <= set(elite)
    assert found[0].columns["agency"] == ["Elite"]
    assert not gallery.similar(f"faces/{first}/{first}_0001.png", where="agency:Nobody")
    with pytest.raises(BadCondition, match="agency, born"):
        gallery.similar(f"faces/{first}/{first}_0001.png", where="agncy:Elite")

    summary = gallery.index(write_table(faces, **{first: "Storm"}), crops=True)
    assert (summary.unchanged, summary.changed, summary.columns) == (18, [], 3)
    gallery.close()
    assert names(gallery, "agency:Storm") == [first]
    assert [one.person for one in gallery.similar("face:1", mode="all", where="agency:Storm")] == [first]
    before = summary.generation
    assert gallery.index(write_table(faces, **{first: "Storm"}), crops=True).generation == before
    gallery.close()


def test_a_service_filters_answers_and_people(address: str, faces: DrawnFolder) -> None:
    update(address, write_table(faces), crops=True)
    client = create_app({"GALLERY": address}).test_client()
    image = f"faces/{faces.ref(0)}"
    answer = client.get(
        "/similar", query_string={"image": image, "mode": "all", "where": ["agency:Ford", "born:1992.."]}
    ).json
    assert {row["person"] for row in answer["results"]} == {faces.names[3], faces.names[5]}
    assert answer["query"]["passing"] == 2 and answer["results"][0]["columns"]["agency"] == ["Ford"]
    nobody = client.get("/similar", query_string={"image": image, "where": "agency:Nobody"})
    assert (nobody.status_code, nobody.json["results"], nobody.json["query"]["passing"]) == (200, [], 0)
    assert "nobody" in nobody.json["query"]["note"]
    for wrong in ("age:1", "agency", "agency:1..2", "born:2000..1990", "born:a..b", "", "agency:" + "a" * 600):
        refused = client.get("/similar", query_string={"image": image, "where": wrong})
        assert (refused.status_code, refused.json["type"]) == (400, "bad-parameter"), wrong
    listed = client.get("/people", query_string={"where": "born:..1991"}).json["people"]
    assert {one["person"] for one in listed} == set(faces.names[:2])
    assert client.get(f"/people/{faces.names[0]}").json["columns"] == {"agency": ["Elite"], "born": ["1990-04-05"]}
    assert client.get("/people", query_string={"where": "age:1"}).status_code == 400


def test_columns_are_described_for_whoever_chooses_filters(address: str, faces: DrawnFolder) -> None:
    update(address, write_table(faces), crops=True)
    client = create_app({"GALLERY": address}).test_client()
    listed = client.get("/columns").json
    assert listed == {
        "people": 6,
        "columns": [
            {"column": "agency", "people": 6, "distinct": 2, "words": 2, "range": None},
            {"column": "born", "people": 6, "distinct": 6, "words": 0,
             "range": {"low": "1990-04-05", "high": "1995-04-05"}},
        ],
    }  # fmt: skip
    some = client.get("/columns", query_string={"where": ["born:1993..", "agency:Ford"]}).json
    assert some["people"] == 2 and some["columns"][1]["range"] == {"low": "1993-04-05", "high": "1995-04-05"}
    nobody = client.get("/columns?where=agency:Nobody").json
    assert nobody["people"] == 0 and [one["people"] for one in nobody["columns"]] == [0, 0]
    agencies = client.get("/columns/AGENCY?where=born:1991..").json
    assert agencies["values"] == [{"value": "Ford", "people": 3}, {"value": "Elite", "people": 2}]
    for path, status, kind in (
        ("/columns/age", 404, "column-not-found"),
        ("/columns?where=age:1", 400, "bad-parameter"),
        ("/columns/born?where=born:2000..1990", 400, "bad-parameter"),
    ):
        refused = client.get(path)
        assert (refused.status_code, refused.json["type"]) == (status, kind), path
    with niteru.Gallery(address) as gallery:
        assert [one.column for one in gallery.stats().columns] == ["agency", "born"]
        assert "<td>Elite</td><td>1990-04-05</td>" in gallery.people()._repr_html_()
    told = CliRunner().invoke(stats, ["--gallery", address]).output
    assert "born: 6 values, from 1990-04-05 to 1995-04-05, of 6 people" in told


def test_a_column_is_summed_up_by_people_and_not_by_photos() -> None:
    columns = Columns([(1, "size", "38"), (1, "size", "40"), (2, "size", "M"), (3, "size", "38"), (3, "size", "38")])
    assert columns.summaries()[0] == ColumnSummary("size", 3, 3, 1, Range("38", "40"))
    assert columns.values("Size").values == [Value("38", 2), Value("40", 1), Value("M", 1)]
    assert columns.summaries(["size:M"])[0] == ColumnSummary("size", 1, 1, 1, None)
    assert Columns().summaries() == []


def test_columns_travel_with_a_copy(address: str, faces: DrawnFolder, tmp_path: Path) -> None:
    update(address, write_table(faces), crops=True)
    copy_gallery(address, tmp_path / "copy")
    with niteru.Gallery(tmp_path / "copy") as copy, niteru.Gallery(address) as source:
        assert copy.people().to_dicts() == source.people().to_dicts()
        assert names(copy, "agency:Ford") == sorted(faces.names[1::2])


def test_what_was_said_of_the_forgotten_is_gone(address: str, faces: DrawnFolder) -> None:
    table = write_table(faces, **{faces.names[1]: "Unmistakable Agency"})
    update(address, table, crops=True)
    receipt = forget(address, faces.names[1])
    assert receipt.clean, receipt
    with closing(Gallery(address)) as gallery:
        assert "Unmistakable Agency" not in gallery.generation.columns.as_json()
        left = [file for file in gallery.backend.files() if b"Unmistakable" in file.read_bytes()]
    assert not left


def test_a_trace_of_what_was_said_is_named(faces: DrawnFolder, tmp_path: Path) -> None:
    update(tmp_path / "gallery", write_table(faces, **{faces.names[1]: "Unmistakable Agency"}), crops=True)
    (tmp_path / "gallery" / "note.txt").write_text("of Unmistakable Agency")
    receipt = forget(tmp_path / "gallery", faces.names[1])
    assert (receipt.traces, receipt.clean) == (["note.txt"], False)


def test_a_table_without_columns_takes_them_away(faces: DrawnFolder, tmp_path: Path) -> None:
    table = write_table(faces)
    update(tmp_path / "gallery", table, crops=True)
    table.write_text("\n".join(line.rsplit(",", 2)[0] for line in table.read_text("utf-8").splitlines()), "utf-8")
    assert update(tmp_path / "gallery", table, crops=True).columns == 18
    with closing(Catalog(tmp_path / "gallery" / "catalog.sqlite", readonly=True)) as catalog:
        assert not catalog.queries.columns_of_photos() and not catalog.queries.damages()
    assert not niteru.Gallery(tmp_path / "gallery").people()[0].columns


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.002, 0.05, 0.3, 0.7])
def test_a_filtered_search_finds_all_there_are(kind: str, share: float) -> None:
    dice = np.random.default_rng(3)
    vectors = dice.normal(size=(3_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = KINDS[kind].build(vectors)
    index.effort = index.EFFORTS[-1]
    near = vectors @ vectors[0]
    for kept in (dice.random(3_000) < share, near < np.quantile(near, share)):  # at random; and the farthest alone
        rows = np.flatnonzero(kept)
        similarities, found = index.search(vectors[:1], 40, np.flatnonzero(~kept))
        k = min(40, len(rows))
        assert found.shape == (1, k) and set(found[0]) <= set(rows.tolist())
        best = np.sort(near[rows])[::-1][:k]
        assert (similarities[0] >= best[-1] - 1e-5).mean() > (0.999 if kind == "flat" else 0.9)


def test_numbers_and_dates_as_people_write_them() -> None:
    assert [quantity(text).first for text in ("1,80", "1.80", "-3", "1,234", "1.234.567", "1.234,5")] == [
        *(1.8, 1.8, -3, 1234, 1_234_567, 1234.5)
    ]
    for words in ("007", "4/5/1993", "1993-13-01", "1993-02-30", "180 cm", "", "1e5", "nan", "١٢"):
        assert quantity(words) is None, words
    columns = Columns(
        [
            (1, "born", "1993-04-05"),
            (2, "born", "1993"),
            (3, "born", "2000-12-31"),
            (4, "born", "2001"),
            (5, "x: y", "a"),
        ]
    )
    wanted = {
        "born:1993": [1, 2],
        "born:1993-04": [1],
        "born:..2000": [1, 2, 3],
        "born:2000-12..": [3, 4],
        "x: y:A": [5],
    }
    for text, people in wanted.items():
        assert columns.passing([text]).tolist() == people, text
    assert Columns.from_json(columns.as_json()).digest == columns.digest


def test_nearest_takes_people(gallery: Gallery) -> None:
    current = gallery.generation
    some = np.unique(current.person_ids)[:2]
    found: Nearest = current.nearest(current.vectors(current.face_ids[:1])[0], 99, int(some[0]), some)
    assert set(found.person_ids.tolist()) == {int(some[1])}
    assert len(ask(gallery, Question(current.vectors(current.face_ids[:1])[0], mode="all")).results) == 6

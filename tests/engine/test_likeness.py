"""Agreement with people on likeness: figures against values worked out by hand, and the command on drawn people."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from niteru.engine.evaluation.judgements import (
    JudgementsUnusable,
    NamedDoubles,
    ScoredPairs,
    Triplets,
    read_judgements,
)
from niteru.engine.evaluation.likeness import Likened, of_pairs, of_ranks, of_triplets
from niteru.engine.evaluation.photo_bootstrap import confidence, median, spearman
from niteru.scripts.evaluate import command
from support.drawn import DrawnFolder


def at(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def table(folder: Path, text: str) -> Path:
    file = folder / "judged.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_columns_say_which_form_it_is(tmp_path: Path) -> None:
    pairs = read_judgements(table(tmp_path, "judge;Score;A;B\nx;2,5;one.jpg;two.jpg\n;;;\ny;-1;two.jpg;three.jpg\n"))
    assert isinstance(pairs, ScoredPairs)
    assert pairs.photos == [("one.jpg", "two.jpg"), ("two.jpg", "three.jpg")]
    assert pairs.scores.tolist() == [2.5, -1]
    odd = read_judgements(table(tmp_path, "a,b,c,odd\n1.jpg,2.jpg,3.jpg,2.jpg\n1.jpg,2.jpg,3.jpg,C\n"))
    assert isinstance(odd, Triplets)
    assert odd.odd.tolist() == [1, 2]
    named = read_judgements(table(tmp_path, "photo,double\nme.jpg,Ada\n"))
    assert named == NamedDoubles(["me.jpg"], ["Ada"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one,two\n1,2\n", "a,b,score"),
        ("a,b,score\n", "no judgement"),
        ("a,b,score\n1.jpg,2.jpg,much\n", "row 2: the score 'much' is no number"),
        ("a,b,score\n1.jpg,2.jpg,nan\n", "row 2: the score 'nan'"),
        ("a,b,score\n1.jpg,1.jpg,3\n", "row 2 names a photo twice"),
        ("a,b,c,odd\n1.jpg,2.jpg,3.jpg,0\n", "row 2: odd is '0'"),
        ("a,b,c,odd\n\n1.jpg,,3.jpg,a\n", "row 3: a cell is empty"),
        ("photo,double\nme.jpg,\n", "row 2: a cell is empty"),
    ],
)
def test_a_wrong_table_is_refused_with_the_row(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(JudgementsUnusable, match=said):
        read_judgements(table(tmp_path, text))


def test_weighted_ranks_are_those_of_repeated_rows() -> None:
    stats = pytest.importorskip("scipy.stats")
    dice = np.random.default_rng(0)
    first, second = dice.integers(0, 6, (2, 40)).astype(np.float64)
    weights = dice.integers(0, 4, 40)
    expected = stats.spearmanr(np.repeat(first, weights), np.repeat(second, weights)).statistic
    assert spearman(first, second, weights.astype(np.float64)) == pytest.approx(expected)
    assert median(np.array([5.0, 1.0, 9.0]), np.array([1.0, 1.0, 5.0])) == 9
    assert np.isnan(spearman(np.ones(3), np.arange(3.0), np.ones(3)))


def test_pairs_that_share_photos_are_less_sure_than_their_number_says() -> None:
    """One odd photo in thirty pairs of eleven photos: drawing photos takes it in or leaves it out whole."""
    pairs = np.array([(0, other) for other in range(1, 31)] + [(one, one + 1) for one in range(1, 30)])
    values = np.where(pairs[:, 0] == 0, 0.0, 1.0)
    shared = confidence(lambda weights: float(np.average(values, weights=weights)), pairs)
    apart = confidence(lambda weights: float(np.average(values, weights=weights)), np.arange(118).reshape(-1, 2))
    assert shared is not None
    assert apart is not None
    assert shared[1] - shared[0] > 1.5 * (apart[1] - apart[0])


def test_pairs_are_ranked_as_people_rank_them() -> None:
    vectors, pairs = at(0, 10, 40, 100), np.array([(0, 1), (1, 2), (0, 2), (2, 3), (0, 3)])
    found = of_pairs(vectors, pairs, np.array([9.0, 7, 5, 3, 1]))
    assert found["spearman"] == 1
    assert of_pairs(vectors, pairs, np.array([1.0, 3, 5, 7, 9]))["spearman"] == -1
    assert of_pairs(vectors, pairs, np.ones(5)) == {"spearman": None, "spearman_from": None, "spearman_to": None}


def test_the_odd_one_out_is_the_one_the_most_alike_two_leave() -> None:
    vectors = at(0, 10, 90)
    triplets = np.array([(0, 1, 2), (2, 0, 1), (1, 2, 0), (0, 1, 2)])
    found = of_triplets(vectors, triplets, np.array([2, 0, 1, 0]))
    assert found["agreement"] == 0.75
    assert found["chance"] == pytest.approx(1 / 3, abs=1e-4)
    # Four judges of one triplet: three say the third photo, one the first; 3 of their 6 pairs agree.
    assert found["judges"] == {"triplets": 1, "judgements": 4, "one_another": 0.5, "most": 0.75, "model": 0.75}
    assert of_triplets(vectors, triplets[:1], np.array([2]))["judges"] is None


def test_doubles_are_ranked_among_everybody_else() -> None:
    people = Likened(at(0, 4, 50, 20, 90), ["Ada", "Ada", "Bo", "Cy", "Di"])
    assert people.rank(at(18)[0], "Cy") == 1
    assert people.rank(at(18)[0], "Bo") == 3
    assert people.rank(at(1)[0], "Cy", "Ada") == 1, "nobody is their own double"
    assert people.rank("Ada", "Bo") == 2
    found = of_ranks(np.array([1, 3, 12, 200]), np.arange(8).reshape(4, 2), 400)
    assert (found["median_rank"], found["recall_at_1"], found["recall_at_10"]) == (3, 0.25, 0.5)
    assert found["recall_at_100"] == 0.75
    assert (found["recall_at_100_by_chance"], found["median_rank_by_chance"]) == (0.25, 200.5)


def evaluated(faces: DrawnFolder, file: Path, out: Path) -> dict:
    done = CliRunner().invoke(
        command, [str(faces.folder), "--likeness", str(file), "--crops", "--json", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_the_command_measures_each_form_and_names_pictures_that_fail(faces: DrawnFolder, tmp_path: Path) -> None:
    same = [(faces.ref(who, 1), faces.ref(who, 2), 9) for who in range(6)]
    other = [(faces.ref(who, 1), faces.ref((who + 3) % 6, 2), 1) for who in range(6)]
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    rows = [*same, *other, ("broken.jpg", faces.ref(0), 5), ("gone.jpg", faces.ref(0), 5)]
    text = "a,b,score\n" + "".join(f"{one},{two},{score}\n" for one, two, score in rows)
    found = evaluated(faces, table(tmp_path, text), tmp_path / "out")
    assert (found["form"], found["judgements"], found["left_out"]) == ("pairs", 12, 2)
    assert found["spearman"] > 0.6
    assert found["spearman_from"] < found["spearman"] <= found["spearman_to"]
    assert {one["photo"]: one["reason"] for one in found["skipped"]} == {
        "broken.jpg": "corrupt-image",
        "gone.jpg": "unreadable",
    }
    assert json.loads((tmp_path / "out" / "likeness.json").read_text(encoding="utf-8")) == found
    three = "".join(f"{one},{two},{faces.ref((who + 3) % 6)},c\n" for who, (one, two, _) in enumerate(same))
    found = evaluated(faces, table(tmp_path, "a,b,c,odd\n" + three), tmp_path / "out")
    assert found["agreement"] > 0.8
    names = faces.names
    double = f"photo,double\n{names[0]},{names[1]}\n{faces.ref(2)},{names[3]}\n{names[4]},Nobody\n"
    found = evaluated(faces, table(tmp_path, double), tmp_path / "out")
    assert (found["judgements"], found["among"], found["left_out"]) == (2, 5, 1)
    assert found["skipped"] == [{"photo": "Nobody", "reason": "not-in-faces"}]
    assert found["recall_at_10"] == 1


def test_the_command_says_what_to_do_next(faces: DrawnFolder, tmp_path: Path) -> None:
    file = table(tmp_path, "a,b,score\nno.jpg,none.jpg,1\n")
    done = CliRunner().invoke(command, [str(faces.folder), "--likeness", str(file)])
    assert done.exit_code == 1
    assert "write paths relative" in done.output
    both = CliRunner().invoke(command, [str(faces.folder), "--likeness", str(file), "--pairs", str(file)])
    assert both.exit_code == 2
    plain = table(tmp_path, f"a,b,score\n{faces.ref(0)},{faces.ref(1)},1\n{faces.ref(0)},{faces.ref(2)},2\n")
    said = CliRunner().invoke(
        command, [str(faces.folder), "--likeness", str(plain), "--crops", "--out", str(tmp_path / "out")]
    )
    assert "Spearman" in said.output
    assert "2 judgements, 0 left out" in said.output

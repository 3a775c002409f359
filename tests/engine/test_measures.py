"""Verification and retrieval figures against values worked out by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics

from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.evaluation.evaluate import evaluate, grey
from niteru.engine.evaluation.pairs import Pair, PairsUnusable, draw_pairs, read_pairs
from niteru.engine.evaluation.retrieval import nearest_is_same, nearest_of, recall_at_1
from niteru.engine.evaluation.verification import auc, best_threshold, fold_accuracies, roc_curve, tar_at_far


def f32(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def truth(text: str) -> np.ndarray:
    return np.array([letter == "g" for letter in text])


def test_the_best_threshold_lies_between_the_two_kinds() -> None:
    assert best_threshold(f32(0.9, 0.8, 0.2, 0.1), truth("ggii")) == pytest.approx(0.5)
    # One impostor above: cutting below .6 is right for 3 of 4, and so is nothing better.
    assert best_threshold(f32(0.9, 0.7, 0.6, 0.1), truth("igg" + "i")) == pytest.approx(0.35)


def test_a_threshold_cannot_part_equal_similarities() -> None:
    threshold = best_threshold(f32(0.5, 0.5, 0.5), truth("gii"))
    assert threshold > 0.5  # refusing all is right twice, accepting all once


def test_fold_accuracy_uses_the_threshold_of_the_others() -> None:
    similarities = f32(0.9, 0.1, 0.9, 0.1, 0.4, 0.3)
    folds = np.array([0, 0, 1, 1, 2, 2])
    # Fold 2 is judged at .5, learned on folds 0 and 1: its genuine pair at .4 is refused.
    assert fold_accuracies(similarities, truth("gigigi"), folds).tolist() == [1.0, 1.0, 0.5]


def test_rates_by_hand() -> None:
    curve = roc_curve(f32(0.9, 0.8, 0.7, 0.6), truth("gigi"))
    assert curve.tar.tolist() == [0, 0.5, 0.5, 1, 1]
    assert curve.far.tolist() == [0, 0, 0.5, 0.5, 1]
    assert auc(curve) == pytest.approx(0.75)
    assert tar_at_far(curve, 0.0) == 0.5
    assert tar_at_far(curve, 0.4999) == 0.5
    assert tar_at_far(curve, 0.5) == 1.0


def test_rates_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    genuine = rng.random(3000) < 0.5
    similarities = (rng.normal(size=3000) + genuine).round(2).astype(np.float32)  # with many ties
    curve = roc_curve(similarities, genuine)
    assert auc(curve) == pytest.approx(metrics.roc_auc_score(genuine, similarities))
    far, tar, _ = metrics.roc_curve(genuine, similarities, drop_intermediate=False)
    assert tar_at_far(curve, 1e-2) == pytest.approx(tar[far <= 1e-2].max())


def test_leave_one_out_by_angles() -> None:
    angles = np.deg2rad([0, 10, 100, 18, 200])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    people = np.array([0, 0, 1, 1, 2])
    # 0° → 10° right; 10° → 18° wrong; 100° → 18° right; 18° → 10° wrong; person 2 has nobody to find.
    assert nearest_is_same(vectors, people).tolist() == [True, False, True, False, False]
    assert recall_at_1(vectors, people) == pytest.approx(0.5)
    assert recall_at_1(vectors[[0, 2]], people[[0, 2]]) is None


def test_pairs_files_are_read_or_refused_by_line(tmp_path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("2\t1\nAda\t1\t2\nAda\t1\tBo Li\t3\nBo Li\t1\t2\nBo Li\t1\tCy\t1\n")
    refs = ["x/Ada/Ada_0001.jpg", "x/Ada/Ada_0002.png", "y/Bo Li/Bo Li_0001.jpg", "y/Bo Li/Bo Li_0003.jpg"]
    # Bo Li's second photo shows no face, which is the machine's failure; Cy's is not there, which is nobody's.
    pairs = read_pairs(file, refs, ["y/Bo Li/Bo Li_0002.jpg"])
    assert pairs == [Pair(0, 1, True, 0), Pair(0, 3, False, 0), Pair(2, None, True, 1)]
    for text, complaint in (
        ("", "line 1"),
        ("0 0\n", "line 1"),
        ("2 1\nAda 1 2\n", "1 lines"),
        ("1 1\nAda 1 2\nAda x Bo 1\n", "line 3"),
    ):
        file.write_text(text)
        with pytest.raises(PairsUnusable, match=complaint):
            read_pairs(file, refs, [])
    file.write_text("1 1\nCy 1 2\nCy 1 Di 1\n")
    with pytest.raises(PairsUnusable, match="none of these photos"):
        read_pairs(file, refs, [])
    with pytest.raises(PairsUnusable):
        read_pairs(tmp_path / "missing.txt", refs, [])


def test_drawn_pairs_have_disjoint_folds_and_true_labels() -> None:
    people = [f"P{p:02d}" for p in range(40) for _ in range(3)]
    pairs = draw_pairs(people)
    assert pairs == draw_pairs(people)
    assert sum(pair.genuine for pair in pairs) * 2 == len(pairs)
    folds: dict[str, int] = {}
    for pair in pairs:
        assert pair.first != pair.second
        assert (people[pair.first] == people[pair.second]) == pair.genuine
        for row in (pair.first, pair.second):
            assert folds.setdefault(people[row], pair.fold) == pair.fold
    with pytest.raises(PairsUnusable, match="20 are needed"):
        draw_pairs(people[:30])


def test_pairs_with_a_grey_photo_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (40, 112, 112, 3)).astype(np.uint8)
    crops[:10] = crops[:10].mean(axis=3, keepdims=True).astype(np.uint8)
    crops[5] += rng.integers(0, 3, crops[5].shape).astype(np.uint8)  # the tint of a JPEG
    assert grey(crops).tolist() == [True] * 10 + [False] * 30
    people = [f"p{i // 2}" for i in range(40)]
    vectors = rng.normal(size=(40, 8))
    vectors[1::2] = vectors[::2] + 0.3 * rng.normal(size=(20, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    figures = evaluate(CropSet(crops, [f"{name}/x.jpg" for name in people], people, []), vectors, None).figures
    assert figures["grey"]["faces"] == 10
    assert 0 < figures["grey"]["pairs"] < figures["pairs"]


def test_the_nearest_of_a_gallery() -> None:
    gallery = np.eye(3, dtype=np.float32)
    assert nearest_of(gallery[[2, 0, 0]], gallery).tolist() == [2, 0, 0]
    assert nearest_of(np.empty((0, 3), np.float32), gallery).tolist() == []

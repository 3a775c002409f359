"""Families and parent-child pairs: figures against values worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from niteru.engine.evaluation.kinface import KinPairs, is_kinface, kin_crop, read_kinface, score
from niteru.engine.evaluation.kinship import family_of, relatives
from niteru.engine.evaluation.pairs import PairsUnusable
from support.drawn import write_image


def at(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def test_names_tell_the_family() -> None:
    assert family_of("F0012_MID3") == "F0012"
    assert family_of("F. Müller") == "F. Müller"


def test_the_nearest_relative_is_looked_for_among_all_others() -> None:
    # Family 1 at 0° and 10°; family 2 at 90° and 170°, with family 3 between them at 130°, who has nobody.
    people = ["F1_MID1", "F1_MID2", "F2_MID1", "F2_MID2", "F3_MID1"]
    found = relatives(at(0, 10, 90, 170, 130), people)
    assert found is not None
    assert found["people"] == 4
    # Each of family 1 finds the other first; each of family 2 has the stranger before.
    assert found["rank"] == 1.5
    assert found["recall_at_10"] == 1.0
    # Pairs of relatives: 10° and 80°. Of the 8 pairs of strangers all are wider than 10°, two (40°) narrower than 80°,
    # one (10° to 90°) as wide.
    assert found["auc"] == pytest.approx((8 + 5.5) / 16, abs=1e-3)


def test_without_families_there_is_nothing_to_tell() -> None:
    assert relatives(at(0, 10), ["Ada", "Zoë"]) is None
    assert relatives(at(0, 10), ["F1_MID1", "F2_MID1"]) is None


def test_kin_pairs_are_scored_by_relation_and_fold() -> None:
    first, second = np.array([0, 0, 2, 2]), np.array([1, 2, 3, 1])
    listed = KinPairs([], first, second, np.array([True, False, True, False]), np.array([1, 1, 2, 2]))
    found = score({"a": listed, "b": listed}, {"a": at(0, 20, 90, 100), "b": at(0, 90, 10, 100)})
    assert found["by_relation"]["a"] == {"pairs": 4, "auc": 1.0, "accuracy": 1.0}
    assert found["by_relation"]["b"]["auc"] == 0.0
    assert found["kin_auc"] == 0.5
    assert found["pairs"] == 8


@pytest.fixture
def kinface(tmp_path: Path) -> Path:
    """Two pairs of each relation, laid out as published."""
    io = pytest.importorskip("scipy.io")
    for short, relation in (("fd", "father-dau"), ("fs", "father-son"), ("md", "mother-dau"), ("ms", "mother-son")):
        names = [f"{short}_{i:03d}_{j}.jpg" for i in (1, 2) for j in (1, 2)]
        for name in names:
            write_image(tmp_path / "images" / relation / name, np.full((64, 64, 3), 90, np.uint8))
        rows = np.empty((2, 4), object)
        for row, (related, pair) in enumerate(((1, names[:2]), (0, [names[0], names[3]]))):
            rows[row] = [[[row + 1]], [[related]], [pair[0]], [pair[1]]]
            rows[row] = [np.array(cell) for cell in rows[row]]
        (tmp_path / "meta_data").mkdir(exist_ok=True)
        io.savemat(tmp_path / "meta_data" / f"{short}_pairs.mat", {"pairs": rows})
    return tmp_path


def test_the_published_lists_are_read(kinface: Path) -> None:
    assert is_kinface(kinface)
    assert not is_kinface(kinface / "images")
    listed = read_kinface(kinface)["mother-son"]
    assert [file.name for file in listed.files] == ["ms_001_1.jpg", "ms_001_2.jpg", "ms_002_2.jpg"]
    assert listed.first.tolist() == [0, 0]
    assert listed.second.tolist() == [1, 2]
    assert listed.related.tolist() == [True, False]
    assert listed.folds.tolist() == [1, 2]


def test_a_picture_without_a_face_is_cut_out_all_the_same(kinface: Path) -> None:
    class Blind:
        def detect(self, image: np.ndarray) -> list:
            return []

    crop = kin_crop(kinface / "images" / "mother-son" / "ms_001_1.jpg", Blind())
    assert crop.shape == (112, 112, 3)
    assert (crop[30:100, 20:90] == 90).mean() > 0.95


def test_what_is_wrong_with_a_list_is_said(kinface: Path) -> None:
    (kinface / "images" / "father-dau" / "fd_001_2.jpg").unlink()
    with pytest.raises(PairsUnusable, match=r"fd_001_2\.jpg, which does not exist"):
        read_kinface(kinface)
    (kinface / "meta_data" / "fd_pairs.mat").write_bytes(b"not a list")
    with pytest.raises(PairsUnusable, match=r"fd_pairs\.mat"):
        read_kinface(kinface)

"""Strangers: how many pairs of one group pass at the thresholds of other people."""

import json
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

from niteru.engine.embedding.reference import reference_crops
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.groups import NotStrangers, TooFewPairs, measure_groups, thresholds, worst_adults
from niteru.engine.photos.faces_folder import FacesMissing, list_strangers
from niteru.scripts.evaluate import command
from support.drawn import write_image


def planted(angles: list[float]) -> np.ndarray:
    turned = np.deg2rad(angles)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def strangers(groups: dict[str, int]) -> CropSet:
    refs = [f"{name}/{i}.jpg" for name, count in groups.items() for i in range(count)]
    return CropSet(np.zeros((len(refs), 112, 112, 3), np.uint8), refs, refs, [])


def test_the_share_of_pairs_that_pass_is_counted() -> None:
    groups = {"asian-men": 20, "babies-0-3": 20, "white-women": 20}
    # Twenty pairs of twins 1° apart, twenty all alike, and twenty far from one another.
    vectors = planted(
        [*(x for i in range(10) for x in (i * 18, i * 18 + 1)), *[5.0] * 20, *(i * 18 for i in range(20))]
    )
    found = measure_groups(strangers(groups), vectors, {1e-2: np.cos(np.deg2rad(30)), 1e-3: np.cos(np.deg2rad(2))})
    assert [group.name for group in found] == ["babies-0-3", "asian-men", "white-women"]
    passing = {group.name: group.passing["0.001"] for group in found}
    assert passing == {"babies-0-3": 1.0, "asian-men": pytest.approx(10 / 190, abs=1e-6), "white-women": 0.0}
    assert worst_adults(found) == {"0.01": pytest.approx(found[1].passing["0.01"]), "0.001": passing["asian-men"]}
    first, second, similarity = found[1].worst[0]
    assert (second - first, similarity) == (1, pytest.approx(np.cos(np.deg2rad(1)), abs=1e-5))


def test_thresholds_let_the_asked_share_of_different_people_pass() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    people = [str(i // 2) for i in range(400)]
    at = thresholds(vectors, people)
    similarities = vectors @ vectors.T
    different = np.array(people)[:, None] != np.array(people)
    assert list(at) == [1e-2, 1e-3, 1e-4]
    for fmr, threshold in at.items():
        assert (similarities[different] >= threshold).mean() == pytest.approx(fmr, rel=0.2)
    # Six pairs cannot tell what happens once in a hundred.
    with pytest.raises(TooFewPairs, match=r"^6 pairs .* at least 100 are needed"):
        thresholds(vectors[:4], ["a", "b", "c", "d"])


def test_a_folder_of_people_is_refused() -> None:
    people = strangers({f"person {i}": 3 for i in range(30)})
    with pytest.raises(NotStrangers, match="one folder for each person"):
        measure_groups(people, planted([0.0] * 90), {1e-3: 0.5})


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """People in folders; strangers loose in a group, and in an archive with a broken picture."""
    root = tmp_path_factory.mktemp("drawn")
    crops, people = reference_crops()
    for i, (crop, person) in enumerate(zip(crops, people, strict=True)):
        write_image(root / "people" / f"p{person}" / f"{i}.png", crop)
        write_image(root / "groups" / "men" / f"{i}.png", crop[:, ::-1])
        write_image(root / "loose" / f"{i}.png", crop)
    with zipfile.ZipFile(root / "groups" / "children.zip", "w") as archive:
        for i in range(len(crops)):
            file = root / "loose" / f"{i}.png"
            archive.writestr(f"kids/{i}.png", file.read_bytes())
        archive.writestr("kids/broken.png", (root / "loose" / "0.png").read_bytes()[:200])
        archive.writestr("kids/readme.txt", "no picture")
    return root


def test_archives_are_read_like_folders(drawn) -> None:
    found = list_strangers(drawn / "groups")
    assert [one.ref for one in found][:2] == ["kids/0.png", "kids/1.png"]
    assert len({one.person for one in found}) == len(found) == 65
    faces = prepare(drawn / "groups", crops=True, strangers=True)
    assert len(faces.refs) == 64
    assert [photo.rpartition("/")[2] for photo, _ in faces.skipped] == ["broken.png"]


def test_archives_that_are_none_and_empty_folders_are_named(tmp_path) -> None:
    with pytest.raises(FacesMissing, match="no pictures found"):
        list_strangers(tmp_path)
    with pytest.raises(FacesMissing, match="no such folder"):
        list_strangers(tmp_path / "missing")
    (tmp_path / "x.zip").write_bytes(b"nonsense")
    with pytest.raises(OSError, match=r"x\.zip"):
        list_strangers(tmp_path)


def test_the_command_tells_every_group(drawn, tmp_path) -> None:
    asked = [str(drawn / "groups"), "--strangers", "--at", str(drawn / "people"), "--crops", "--out", str(tmp_path)]
    told = CliRunner().invoke(command, [*asked, "--json"])
    assert told.exit_code == 0, told.output
    figures = json.loads(told.stdout)
    assert sorted(figures["groups"]) == ["kids", "men"]
    assert {"groups.json", "worst-men.jpg"} <= {file.name for file in tmp_path.iterdir()}
    assert figures["worst_adults"]["0.01"] == figures["groups"]["men"]["passing"]["0.01"]
    told = CliRunner().invoke(command, asked)
    assert "worst group of adults" in told.output
    told = CliRunner().invoke(command, [str(drawn / "people"), "--strangers", "--at", str(drawn / "people"), "--crops"])
    assert told.exit_code == 1
    assert "one folder for each person" in told.stderr

"""The experiments run, go on where they stopped, and say what they found."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from support.command import niteru

keras = pytest.importorskip("keras")

from niteru.engine.photos.faces_folder import FacesMissing
from niteru.engine.training.lab.classifier import Classifier, accuracy, seen
from niteru.engine.training.lab.experiments.few_shot import watched
from niteru.engine.training.lab.experiments.rank_vote import by_medians, by_vote, related
from niteru.engine.training.lab.experiments.three_networks import mirrored, turn_of
from niteru.engine.training.lab.findings import Findings
from niteru.engine.training.lab.index import EXPERIMENTS, UnknownExperiment, run_experiment, story_of
from niteru.engine.training.lab.people import drawn_people, people_of, split
from niteru.engine.training.lab.report import write_report
from niteru.engine.training.lab.trial import Trial
from niteru.engine.training.loop import TrainingDiverged, load_checkpoint

SMALL = Trial("conv8x3 pool dense16", side=16, steps=6, batch=8)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NITERU_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def noise(people: int = 4, photos: int = 6) -> np.ndarray:
    """People who differ in colour alone: a small network learns them at once."""
    rng = np.random.default_rng(0)
    tone = np.linspace(40, 220, people)[:, None, None, None, None]
    return (tone + rng.normal(scale=8, size=(people, photos, 112, 112, 3))).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs_quickly_and_says_what_it_found(name: str, lab: Path) -> None:
    found = run_experiment(name, lab, None, quick=True)
    assert found.data
    assert found.tables
    for table in found.tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}
        shares = [float(cell.split()[0]) for row in table.rows for cell in row if re.fullmatch(r"[\d.]+ %", cell)]
        assert all(0 <= share <= 100 for share in shares)
    folder = lab / f"{name}-quick"
    for file, _ in found.pictures:
        assert (folder / file).stat().st_size > 1_000
    assert Findings.load(folder) == found
    assert found.command == f"niteru lab {name} --quick"


def test_the_report_tells_what_was_run_in_the_order_of_the_story(tmp_path: Path) -> None:
    with pytest.raises(FacesMissing, match="few-shot-softmax"):
        write_report(tmp_path, tmp_path)
    for name in ("interrupted", "few-shot-softmax"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plot.png").write_bytes(b"a picture")
        Findings(name, "drawn people.", pictures=[("plot.png", "a curve")]).save(tmp_path / name)
    text = write_report(tmp_path, tmp_path / "docs").read_text(encoding="utf-8")
    assert text.index(story_of("few-shot-softmax").title) < text.index(story_of("interrupted").title)
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", text):
        assert (tmp_path / "docs" / picture).is_file()


def test_the_experiments_are_listed_and_an_unknown_one_is_told() -> None:
    titles = json.loads(niteru("lab", "list", "--json").stdout)
    assert list(titles) == list(EXPERIMENTS)
    with pytest.raises(UnknownExperiment, match="niteru lab list"):
        run_experiment("nothing", Path("nowhere"), None, quick=True)
    done = niteru("lab", "nothing")
    assert done.returncode == 2
    assert "few-shot-softmax" in done.stderr


def test_a_trial_says_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="not a layer"):
        Trial("convolution32").network(3)
    network = Trial("conv8x5/2 pool3 norm drop0.5 dense12", side=32, grey=True).network(3)
    assert network.input_shape == (None, 32, 32, 1)
    assert network.output_shape == (None, 3)
    assert network.get_layer("00-conv").output.shape[1:] == (16, 16, 8)


def test_the_naive_loss_is_not_a_number_where_the_other_is(tmp_path: Path) -> None:
    data = split_of(noise())
    case = Trial(loss="naive", rate=1.0, steps=40, layers="dense16", side=16)
    step, _ = watched(case, data, 40)
    assert step is not None
    assert watched(replace(case, loss="softmax"), data, 40)[0] is None
    with pytest.raises(TrainingDiverged):
        Classifier(tmp_path / "run", case, *data).run()


def split_of(crops: np.ndarray) -> tuple:
    from niteru.engine.training.lab.people import People

    return split(People(crops, [f"{number}" for number in range(len(crops))]), 4)


def test_a_classifier_learns_goes_on_and_measures(tmp_path: Path) -> None:
    data = split_of(noise())
    case = replace(SMALL, steps=120, rate=1e-2)
    Classifier(tmp_path / "run", case, *data, points=6).run()
    network = load_checkpoint(tmp_path / "run")
    assert accuracy(network, seen(case, data[2]), data[3]) > 0.9
    lines = (tmp_path / "run" / "curve.csv").read_text().splitlines()
    assert lines[0] == "stage,step,loss,rate,learnt,asked,zeros"
    assert [line.split(",")[1] for line in lines[1:]] == [str(20 * point) for point in range(1, 7)]
    Classifier(tmp_path / "run", case, *data, points=6).run()
    assert (tmp_path / "run" / "curve.csv").read_text().splitlines() == lines, "nothing is done twice"


def test_batches_are_cut_out_mirrored_and_coloured_but_keep_their_range(tmp_path: Path) -> None:
    data = split_of(noise())
    case = replace(SMALL, shift=16, distort=True)
    trainer = Classifier(tmp_path / "unused", case, *data)
    pictures, labels = trainer.batch(3)
    again, same = trainer.batch(3)
    np.testing.assert_array_equal(pictures, again)
    np.testing.assert_array_equal(labels, same)
    assert pictures.shape == (8, 16, 16, 3)
    assert -1 <= pictures.min() < pictures.max() <= 1


def test_people_are_drawn_once_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    some = drawn_people(3, 2)
    assert some.crops.shape == (3, 2, 112, 112, 3)
    assert str(some) == "3 drawn people × 2 photos"
    more = drawn_people(3, 3)
    np.testing.assert_array_equal(more.crops[:, :2], some.crops)
    monkeypatch.setattr("niteru.engine.training.lab.people._draw", None)
    np.testing.assert_array_equal(people_of(None, 3, 3).crops, more.crops)


def test_a_folder_with_too_few_people_is_told(faces) -> None:
    assert len(people_of(faces.folder, 6, 3).names) == 6
    with pytest.raises(FacesMissing, match="needs 7 people with 3 photos each, but only 6 have"):
        people_of(faces.folder, 7, 3)


def test_the_vote_is_five_to_the_nearest() -> None:
    vectors = np.eye(8, dtype=np.float32)[:7, None]
    vectors[1, 0] = (vectors[0, 0] + 0.2 * vectors[1, 0]) / np.linalg.norm([1, 0.2])
    scores = by_vote(vectors)
    assert scores[0, 1] == 5
    assert scores.sum(axis=1).tolist() == [15] * 7
    assert (np.diag(scores) == 0).all()
    assert by_medians(vectors)[0, 1] == pytest.approx(1 / np.hypot(1, 0.2))
    kin = related([f"{number}" for number in range(10)], drawn=True)
    assert np.argwhere(kin).tolist() == [[0, 1], [1, 0], [8, 9], [9, 8]]


def test_a_mirrored_head_turns_the_other_way() -> None:
    left = np.array([[30, 50], [70, 50], [40, 70], [35, 90], [65, 90]], np.float32)
    assert turn_of(left) == pytest.approx(-0.25)
    data = split_of(noise(2))
    crops, labels, _, _ = mirrored(data)
    np.testing.assert_array_equal(crops[len(data[0])], data[0][0][:, ::-1])
    assert labels[len(data[0])] == 1 - data[1][0]

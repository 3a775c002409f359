"""Fitting the shipped network: it can be unfolded, it fits the owner's people, and it says when it did not help."""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from click.testing import CliRunner

from support.drawn import write_image

keras = pytest.importorskip("keras")
from niteru.engine.embedding.embedder import DEFAULT_MODEL, Embedder, ModelInfo
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.networks.model_folder import MODELS, ModelUnusable, read_info
from niteru.engine.training.embedding import fitting
from niteru.engine.training.embedding.fitting import fit
from niteru.engine.training.embedding.gain import Gain, Report, choose
from niteru.engine.training.embedding.people import TooFewPeople
from niteru.engine.training.embedding.tuning import Tuning, between, vectors_of
from niteru.engine.training.embedding.unfolding import unfolded
from niteru.engine.training.export import ExportFailed
from niteru.scripts.fit import command

SHIPPED = MODELS / DEFAULT_MODEL
QUICK = Tuning(frozen=2, whole=2, people=4, photos=2)


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """Twelve drawn people of four photos: the eight of the reference, and four of them in another light."""
    folder = tmp_path_factory.mktemp("people")
    crops, numbers = reference_crops()
    for i, (crop, number) in enumerate(zip(crops, numbers, strict=True)):
        write_image(folder / f"a{number}" / f"{i}.png", crop)
        if number < 4:
            write_image(folder / f"b{number}" / f"{i}.png", (crop * 0.5).astype(np.uint8))
    return folder


def test_the_shipped_network_is_rebuilt_from_its_file() -> None:
    network, info = unfolded(SHIPPED), read_info(SHIPPED, ModelInfo)
    crops, _ = reference_crops()
    cosines = (vectors_of(network, crops, info.window) * Embedder().embed(crops)).sum(axis=1)
    assert cosines.min() > 0.999  # the file's arithmetic is 8-bit
    moving = [layer for layer in network.layers if layer.trainable and layer.weights]
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in moving)


def test_a_network_of_another_kind_is_refused(tmp_path) -> None:
    picture = keras.Input((64, 64, 3))
    vector = keras.layers.Dense(128)(keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3)(picture)))
    for file in ("model.json", "CARD.md"):
        (tmp_path / file).write_bytes((SHIPPED / file).read_bytes())
    keras.Model(picture, vector).export(str(tmp_path / "model.tflite"), format="litert", verbose=False)
    from niteru.engine.networks.model_folder import write_info

    write_info(tmp_path, read_info(tmp_path, ModelInfo))
    with pytest.raises(ModelUnusable, match="niteru's own"):
        unfolded(tmp_path)


def test_weights_between_two_networks() -> None:
    base = unfolded(SHIPPED)
    other = between(base, base, 0.0)
    other.set_weights([weight + 1 for weight in base.get_weights()])
    half = between(base, other, 0.5)
    assert all(np.allclose(h, b + 0.5, atol=1e-5) for h, b in zip(half.get_weights(), base.get_weights(), strict=True))
    assert [layer.trainable for layer in half.layers] == [layer.trainable for layer in base.layers]


@pytest.mark.usefixtures("without_graphs")
def test_fitting_writes_a_model_and_says_what_it_brought(people, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(fitting, "FOLDS", 2)
    report = fit(people, tmp_path / "mine", SHIPPED, crops=True, tuning=QUICK)
    assert [gain.share for gain in report.gains] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert all(0 <= gain.recall_at_1 <= 1 and 0 < gain.own_auc <= 1 and 0 < gain.auc <= 1 for gain in report.gains)
    info = read_info(tmp_path / "mine" / "model", ModelInfo)
    assert info.name == "mine"
    assert "48 photos of 12 people" in info.training_data[-1]
    assert info.licence == read_info(SHIPPED, ModelInfo).licence
    assert info.calibration
    card = (tmp_path / "mine" / "model" / "CARD.md").read_text()
    assert ("Better than" in card) == report.better
    assert json.loads((tmp_path / "mine" / "report.json").read_text())["chosen"] == report.chosen
    crops, _ = reference_crops()
    cosines = (Embedder(tmp_path / "mine" / "model").embed(crops) * Embedder().embed(crops)).sum(axis=1)
    assert cosines.min() > 0.8 if report.better else cosines.min() > 0.999


def test_it_learns(people, tmp_path) -> None:
    """Longer than the test above: the owner's faces come nearer to their own people."""
    from niteru.engine.training.embedding.tuning import tune

    crops, numbers = reference_crops()
    base, window = unfolded(SHIPPED), read_info(SHIPPED, ModelInfo).window
    same = (numbers[:, None] == numbers) & ~np.eye(len(numbers), dtype=bool)

    def spread(network) -> float:
        similarity = vectors_of(network, crops, window) @ vectors_of(network, crops, window).T
        return float(similarity[same].mean() - similarity[numbers[:, None] != numbers].mean())

    before = spread(base)
    tune(base, crops, numbers, Tuning(frozen=16, whole=4, rate=3e-4, people=8, photos=4), window, _Bar())
    after = spread(base)
    assert after > before + 0.02, (before, after)


class _Bar:
    def update(self, *_: object) -> None:
        pass


def test_too_few_people_are_refused(people, tmp_path) -> None:
    few = tmp_path / "few"
    for name in ("a0", "a1"):
        for file in (people / name).iterdir():
            (few / name).mkdir(parents=True, exist_ok=True)
            (few / name / file.name).write_bytes(file.read_bytes())
    with pytest.raises(TooFewPeople, match=r"2 people with 4 usable photos .* at least 10"):
        fit(few, tmp_path / "out", SHIPPED, crops=True, tuning=QUICK)


def test_a_folder_of_another_run_is_refused(people, tmp_path) -> None:
    (tmp_path / "training").mkdir()
    with pytest.raises(ExportFailed, match="choose another folder"):
        fit(people, tmp_path, SHIPPED, crops=True, tuning=QUICK)


@pytest.mark.parametrize(("chosen", "verdict"), [(0.5, "better on your people"), (0.0, "keep that one")])
def test_the_command_fits_the_model_it_is_given(tmp_path, monkeypatch, chosen: float, verdict: str) -> None:
    gains = [Gain(share, 0.9, 0.95, 0.95, 0.7) for share in (0.0, 0.5, 1.0)]
    started_from = []

    def fake(faces: Path, out: Path, base: Path, *, crops: bool) -> Report:
        started_from.append(base.name)
        return Report("mine", 12, 48, gains, chosen)

    monkeypatch.setattr(fitting, "fit", fake)
    told = CliRunner().invoke(command, [str(tmp_path), "--model", "niteru-free", "--crops"])
    assert verdict in told.stdout
    assert [line.split()[0] for line in told.stdout.splitlines() if line.endswith("<")] == [f"{chosen:.0%}"]
    told = CliRunner().invoke(command, [str(tmp_path), "--json"])
    assert json.loads(told.stdout)["better"] == (chosen > 0)
    assert started_from == ["niteru-free", DEFAULT_MODEL]


def test_the_shipped_model_stays_where_fitting_does_not_help() -> None:
    shipped = Gain(0.0, 0.90, 0.95, 0.95, 0.7)

    def chosen(*gains: Gain) -> float:
        return choose([shipped, *gains])

    helps = Gain(0.5, 0.90, 0.96, 0.951, 0.7, 60, 20)
    assert chosen(Gain(0.5, 0.90, 0.96, 0.951, 0.7, 45, 40)) == 0.0  # chance
    assert chosen(Gain(0.5, 0.89, 0.96, 0.951, 0.7, 60, 20)) == 0.0  # fewer nearest photos are right
    assert chosen(Gain(0.5, 0.90, 0.96, 0.940, 0.7, 60, 20)) == 0.0  # forgets other people
    assert chosen(helps, Gain(1.0, 0.91, 0.98, 0.90, 0.5, 80, 5)) == 0.5
    assert chosen(helps, Gain(1.0, 0.91, 0.98, 0.949, 0.7, 80, 5)) == 1.0

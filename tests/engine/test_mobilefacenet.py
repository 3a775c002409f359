"""A MobileFaceNet: written, read again from its file, and trained on from what its lower part makes of each face."""

import os
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.networks.model_folder import ModelUnusable, write_info
from niteru.engine.training.embedding.export import parity_of
from niteru.engine.training.embedding.folded import read_folded
from niteru.engine.training.embedding.mobilefacenet import (
    SIDE,
    TRAINED,
    WINDOW,
    centred,
    joined,
    mobilefacenet,
    put_mean_back,
    split,
    started_from,
    with_norms,
)
from niteru.engine.training.embedding.network import MEAN_BACK, MEAN_OFF
from niteru.engine.training.embedding.recipe import FROM_MOBILEFACENET, EmbeddingStage
from niteru.engine.training.embedding.trainer import EmbeddingTrainer, trained_network
from niteru.engine.training.export import Type, convert
from niteru.engine.training.loop import RunChanged

INFO = ModelInfo("phone", "", "research only", ["nothing"], 128, SIDE, WINDOW, "rgb", [0.0, 255.0], {}, {})
LOSSES = {"supcon": 1.0, "cosface": 0.5, "teacher": 1.0, "relations": 1.0}
RECIPE = replace(
    FROM_MOBILEFACENET,
    stages=(
        EmbeddingStage("top", 4, 0.01, LOSSES, frozen=("level3", "top")),
        EmbeddingStage("further", 2, 0.01, LOSSES),
    ),
    people=4,
    photos=2,
    steps_per_checkpoint=2,
)


def saved_network(folder: Path):
    return keras.saving.load_model(folder / "network.keras", compile=False)


def model_folder(folder: Path, network, kind: Type = "float32") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    network.save(folder / "network.keras")
    convert(saved_network, folder, folder / "model.tflite", kind)
    write_info(folder, INFO)
    return folder


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    return reference_crops()[0]


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(3)
    network = mobilefacenet()
    rng = np.random.default_rng(3)
    # Fresh slopes and biases are zero, and fresh filters so small that all faces end alike; a real network's are not.
    network.set_weights(
        [
            w + rng.normal(0, 0.02, w.shape).astype(np.float32) if w.ndim in (1, 3) else 2.5 * w
            for w in network.get_weights()
        ]
    )
    return network


@pytest.fixture(scope="module")
def phone(network, tmp_path_factory) -> Path:
    return model_folder(tmp_path_factory.mktemp("models") / "phone", network)


def vectors(network, crops: np.ndarray) -> np.ndarray:
    return np.asarray(network(crops.astype(np.float32), training=False))


def least_cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float((first * second).sum(axis=1).min())


@pytest.mark.parametrize("kind", ["float32", "int8"])
def test_it_is_read_again_from_its_file(network, crops, tmp_path, kind: Type) -> None:
    folder = model_folder(tmp_path / kind, network, kind)
    again = started_from(folder)
    # Weights in 8 bits are others; what the file computes with them is what the network read from it does.
    assert least_cosine(vectors(again, crops), vectors(network, crops)) > (0.999999 if kind == "float32" else 0.99)
    assert parity_of(again, Embedder(folder), crops) > (0.999999 if kind == "float32" else 0.99)


def test_slopes_spelled_by_hand_are_read_too(tmp_path) -> None:
    """As converters of other frameworks write a PReLU."""
    picture = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, name="convolution")(picture)
    half = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
    x = keras.ops.relu(x) + (x - keras.ops.abs(x)) * half
    keras.Model(picture, keras.layers.GlobalAveragePooling2D()(x)).export(
        str(tmp_path / "x.tflite"), format="litert", verbose=False
    )
    (layer,) = read_folded(tmp_path / "x.tflite")
    assert layer.slopes == pytest.approx(2 * half)


def test_another_network_is_refused(tmp_path, network) -> None:
    small = keras.Model(network.input, network.get_layer("level3_block0_c").output)
    folder = model_folder(
        tmp_path / "other", keras.Model(small.input, keras.layers.GlobalAveragePooling2D()(small.output))
    )
    with pytest.raises(ModelUnusable, match=r"phone has 4\d layers; a MobileFaceNet has 50"):
        started_from(folder)
    write_info(folder, replace(INFO, side=160))
    with pytest.raises(ModelUnusable, match="not a MobileFaceNet of 112×112 RGB"):
        started_from(folder)


def test_normalisation_and_the_cut_change_nothing(network, crops) -> None:
    normed = with_norms(network, TRAINED, crops.astype(np.float32))
    assert least_cosine(vectors(normed, crops), vectors(network, crops)) > 0.9999
    lower, upper = split(normed)
    assert least_cosine(vectors(joined(lower, upper), crops), vectors(network, crops)) > 0.9999


def test_what_all_faces_share_is_taken_off(network, crops) -> None:
    lower, upper = split(network)
    maps = np.asarray(lower(crops.astype(np.float32)))
    before, after = vectors(network, crops), np.asarray(centred(upper, [maps[:20], maps[20:]], 32)(maps))
    assert after.shape == (len(crops), 32)
    raw = keras.Model(network.input, network.get_layer("vector").output)(crops.astype(np.float32))
    expected = np.asarray(raw) - MEAN_OFF * np.asarray(raw).mean(axis=0)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.linalg.norm(before.mean(axis=0)) > np.linalg.norm(after.mean(axis=0))
    # 32 faces span no more than as many axes: their likenesses are kept.
    assert np.corrcoef((after @ after.T).ravel(), (expected @ expected.T).ravel())[0, 1] > 0.99


def test_some_of_what_was_left_is_put_back(network, crops) -> None:
    lower, upper = split(network)
    maps = np.asarray(lower(crops.astype(np.float32)))
    start, trained = (centred(upper, [maps], 32) for _ in range(2))
    kernel, bias = trained.get_layer("vector").get_weights()
    trained.get_layer("vector").set_weights([2 * kernel, 2 * bias])  # longer vectors, and the same faces
    put_mean_back(trained, start, [maps[:20], maps[20:]])
    left, back = (
        np.asarray(keras.Model(part.input, part.get_layer("vector").output)(maps)).mean(axis=0)
        for part in (start, trained)
    )
    assert back == pytest.approx(2 * (1 + MEAN_BACK) * left, rel=1e-3, abs=1e-3)


@pytest.mark.usefixtures("without_graphs")
def test_it_is_trained_on_from_its_maps(phone, crops, tmp_path, monkeypatch) -> None:
    people = reference_crops()[1]
    teacher = np.eye(len(crops), 128, dtype=np.float32)
    start = started_from(phone)
    EmbeddingTrainer(tmp_path / "whole", RECIPE, crops, people, teacher, start).run()
    trained = trained_network(tmp_path / "whole")

    def kernel(network, name: str) -> np.ndarray:
        kernel = np.asarray(network.get_layer(name).kernel)
        return kernel / np.linalg.norm(kernel)

    assert np.allclose(kernel(trained, "level3_block0_a"), kernel(start, "level3_block0_a"), atol=1e-6)
    assert np.abs(kernel(trained, "level3_block1_a") - kernel(start, "level3_block1_a")).max() > 1e-6

    train = EmbeddingTrainer._train
    calls = iter(range(3))

    def interrupted(self, *arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return train(self, *arguments)

    monkeypatch.setattr(EmbeddingTrainer, "_train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        EmbeddingTrainer(tmp_path / "halves", RECIPE, crops, people, teacher, start).run()
    monkeypatch.setattr(EmbeddingTrainer, "_train", train)
    EmbeddingTrainer(tmp_path / "halves", RECIPE, crops, people, teacher, start).run()
    assert least_cosine(vectors(trained_network(tmp_path / "halves"), crops), vectors(trained, crops)) > 0.9999


@pytest.mark.usefixtures("without_graphs")
def test_maps_of_other_faces_are_made_anew(phone, crops, tmp_path) -> None:
    """A run that was cut before its first checkpoint has maps and no recipe yet."""
    people, start = reference_crops()[1], started_from(phone)
    first = EmbeddingTrainer(tmp_path, RECIPE, crops, people, None, start)._maps
    assert np.array_equal(EmbeddingTrainer(tmp_path, RECIPE, crops, people, None, start)._maps, first)
    turned = EmbeddingTrainer(tmp_path, RECIPE, crops[::-1].copy(), people, None, start)._maps
    assert np.allclose(turned[:, ::-1], first, atol=1e-2)
    assert not np.allclose(turned, first, atol=1e-2)


@pytest.mark.usefixtures("without_graphs")
def test_a_run_whose_data_changed_is_refused(phone, crops, tmp_path) -> None:
    people = reference_crops()[1]
    teacher = np.eye(len(crops), 128, dtype=np.float32)
    start = started_from(phone)
    short = replace(RECIPE, stages=(replace(RECIPE.stages[0], steps=1),))
    EmbeddingTrainer(tmp_path, short, crops, people, teacher, start).run()
    for changed in (
        (crops, people, teacher[:, ::-1].copy()),
        (crops, people[::-1].copy(), teacher),
        (crops[::-1].copy(), people, teacher),
    ):
        with pytest.raises(RunChanged, match="other photos"):
            EmbeddingTrainer(tmp_path, short, *changed, start)

"""The trainer on drawn crops: it learns, goes on after an interruption, stops at a NaN, and exports what it trained."""

import csv
import os
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

pytest.importorskip("keras")
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.networks.model_folder import write_info
from niteru.engine.training.embedding import export
from niteru.engine.training.embedding.network import retyped
from niteru.engine.training.embedding.recipe import EmbeddingStage, Recipe
from niteru.engine.training.embedding.residual import grown
from niteru.engine.training.embedding.sampler import PeopleBatches
from niteru.engine.training.embedding.trainer import EmbeddingTrainer, trained_network
from niteru.engine.training.loop import RunChanged, TrainingDiverged
from support.graphs import no_graphs

RECIPE = Recipe(
    stages=(
        EmbeddingStage("siamese", 12, 0.05, {"siamese": 1}),
        EmbeddingStage("metric", 6, 0.02, {"supcon": 1, "cosface": 1, "teacher": 1}, (1, 1, 2)),
    ),
    people=6,
    photos=2,
    steps_per_checkpoint=2,
)


@pytest.fixture(scope="module", autouse=True)
def step_by_step():
    """In graphs these networks are trained by the experiments of test_lab."""
    with no_graphs():
        yield


@pytest.fixture(scope="module")
def learn(drawn_crops: dict[str, list[np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    crops = np.stack([crop for crops in drawn_crops.values() for crop in crops])
    people = [name for name, crops in drawn_crops.items() for _ in crops]
    return crops, np.unique(people, return_inverse=True)[1]


def weights(model) -> np.ndarray:
    return np.concatenate([np.asarray(w).ravel() for w in model.get_weights()])


def curve(folder: Path) -> list[list[str]]:
    return list(csv.reader((folder / "curve.csv").read_text().splitlines()))[1:]


@pytest.fixture(scope="module")
def trained(learn, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    teacher = np.eye(len(learn[0]), 128, dtype=np.float32)
    EmbeddingTrainer(folder, RECIPE, *learn, teacher).run()
    return folder


def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(learn, trained, tmp_path, monkeypatch) -> None:
    teacher = np.eye(len(learn[0]), 128, dtype=np.float32)
    train = EmbeddingTrainer._train
    for stop_after in (3, 2, 3):  # in the first stage, at its end, and in the second
        calls = iter(range(stop_after))

        def interrupted(self, *arguments, calls=calls):
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return train(self, *arguments)

        monkeypatch.setattr(EmbeddingTrainer, "_train", interrupted)
        with pytest.raises(KeyboardInterrupt):
            EmbeddingTrainer(tmp_path, RECIPE, *learn, teacher).run()
    monkeypatch.setattr(EmbeddingTrainer, "_train", train)
    EmbeddingTrainer(tmp_path, RECIPE, *learn, teacher).run()
    assert np.allclose(weights(trained_network(tmp_path)), weights(trained_network(trained)), atol=1e-4)
    assert curve(tmp_path)[-1][:2] == ["metric", "6"]


def test_the_siamese_stage_learns_something(learn, trained) -> None:
    losses = [float(row[2]) for row in curve(trained) if row[0] == "siamese"]
    assert min(losses[2:]) < losses[0]
    vectors = trained_network(trained).predict(np.zeros((2, 64, 64, 3), np.float32), verbose=0)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_a_nan_stops_the_run(learn, tmp_path) -> None:
    wild = replace(RECIPE, stages=(EmbeddingStage("metric", 40, 1e30, {"supcon": 1}),))
    with pytest.raises(TrainingDiverged, match="became NaN or infinite"):
        EmbeddingTrainer(tmp_path, wild, *learn).run()


@pytest.mark.parametrize(("step", "what"), [(3, "loss"), (4, "network")])
def test_the_last_good_checkpoint_stays(learn, tmp_path, monkeypatch, step: int, what: str) -> None:
    """Weights spoilt at step 3 show in the loss of step 4; at step 4 they would be saved before any loss shows them."""
    train, steps = EmbeddingTrainer._train, iter(range(1, 100))

    def spoil(self, model, *batch):
        loss = train(self, model, *batch)
        if next(steps) == step:
            model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
        return loss

    monkeypatch.setattr(EmbeddingTrainer, "_train", spoil)
    with pytest.raises(TrainingDiverged, match=f"the {what} became NaN or infinite"):
        EmbeddingTrainer(tmp_path, RECIPE, *learn).run()
    assert np.isfinite(weights(trained_network(tmp_path))).all()
    assert curve(tmp_path)[-1][:2] == ["siamese", "2"]


def test_another_recipe_does_not_go_on_in_this_folder(learn, trained) -> None:
    with pytest.raises(RunChanged):
        EmbeddingTrainer(trained, replace(RECIPE, seed=9), *learn)


def test_batches_are_people_times_photos_and_repeatable(learn) -> None:
    batches = PeopleBatches(*learn, None, replace(RECIPE, people=4, photos=3))
    faces, targets = batches.batch(5)
    assert faces.shape == (12, 64, 64, 3)
    assert faces.dtype == np.float32
    assert np.array_equal(np.unique(targets["identity"], return_counts=True)[1], [3, 3, 3, 3])
    again, _ = batches.batch(5)
    other, _ = batches.batch(6)
    assert np.array_equal(faces, again)
    assert not np.array_equal(faces, other)


def test_faces_that_are_left_out_are_in_no_batch(learn) -> None:
    crops, labels = learn
    labels = np.where(labels == 2, -1, labels)
    batches = PeopleBatches(crops, labels, None, replace(RECIPE, people=6))
    drawn = {label for number in range(5) for label in batches.batch(number)[1]["identity"].ravel().tolist()}
    assert drawn == set(labels.tolist()) - {-1}


def test_people_with_many_photos_are_drawn_more_often_but_not_by_photo() -> None:
    labels = np.array([0] * 64 + [1, 2, 3, 4])
    crops = np.zeros((len(labels), 112, 112, 3), np.uint8)
    batches = PeopleBatches(crops, labels, None, replace(RECIPE, people=1, photos=1, balance=0.5))
    share = np.mean([batches.batch(number)[1]["identity"][0, 0] == 0 for number in range(300)])
    assert 0.55 < share < 0.78  # 8 of 12; by photo it would be 64 of 68


def test_a_deeper_network_goes_on_where_the_shallower_one_was(learn, trained) -> None:
    before = trained_network(trained)
    after = grown(before, (2, 1, 3))
    faces = learn[0][:, :64, :64].astype(np.float32)
    old, new = (np.asarray(network(faces, training=False)) for network in (before, after))
    assert (old * new).sum(axis=1).min() > 0.9
    assert len(after.layers) > len(before.layers)
    same, rough = (np.asarray(retyped(before, kind)(faces, training=False)) for kind in ("float32", "mixed_bfloat16"))
    assert np.allclose(old, same, atol=1e-5)
    assert 0.99 < (old * rough).sum(axis=1).min() < 1 - 1e-6


def test_an_autoencoder_trains_one_level_and_leaves_those_below_alone(learn, tmp_path) -> None:
    stages = tuple(EmbeddingStage(f"draw{i}", 6, 0.05, {"autoencoder": 1}, level=i) for i in (1, 2))
    EmbeddingTrainer(tmp_path, replace(RECIPE, stages=stages[:1], steps_per_checkpoint=6), *learn).run()
    first = {layer.name: layer.get_weights() for layer in trained_network(tmp_path).layers}
    EmbeddingTrainer(tmp_path / "two", replace(RECIPE, stages=stages, steps_per_checkpoint=6), *learn).run()
    second = {layer.name: layer.get_weights() for layer in trained_network(tmp_path / "two").layers}
    for name in ("stem", "stem_norm"):
        assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(first[name], second[name], strict=True))
    assert not np.allclose(first["stage1"][0], second["stage1"][0])
    losses = [float(row[2]) for row in curve(tmp_path / "two")]
    assert all(np.isfinite(losses))


def info(name: str = "test") -> ModelInfo:
    return ModelInfo(name, "", "none", [], 128, 64, 96, "rgb", [0, 255], {}, {})


def test_the_export_gives_the_vectors_of_the_network(learn, trained, tmp_path) -> None:
    export.export_weights(trained, tmp_path)
    write_info(tmp_path, info())
    assert export.check_export(trained, tmp_path, learn[0]) >= export.LEAST_PARITY
    assert Embedder(tmp_path).embed(learn[0]).shape == (len(learn[0]), 128)


def test_an_export_of_another_network_is_found_out(learn, trained, tmp_path) -> None:
    export.export_weights(trained, tmp_path / "model")
    write_info(tmp_path / "model", info())
    fresh = replace(RECIPE, seed=5, stages=(EmbeddingStage("siamese", 2, 0.05, {"siamese": 1}),))
    EmbeddingTrainer(tmp_path / "other", fresh, *learn).run()
    with pytest.raises(export.ExportFailed, match="differs"):
        export.check_export(tmp_path / "other", tmp_path / "model", learn[0])
    (tmp_path / "model" / "model.tflite").write_bytes(b"\0" * 1000)
    write_info(tmp_path / "model", info())
    with pytest.raises(export.ExportFailed, match="1000 bytes"):
        export.check_export(trained, tmp_path / "model", learn[0])


def test_scaled_recipes_keep_every_stage() -> None:
    small = Recipe().scaled(40)
    assert [stage.name for stage in small.stages] == [stage.name for stage in Recipe().stages]
    assert small.steps == pytest.approx(40, abs=2)

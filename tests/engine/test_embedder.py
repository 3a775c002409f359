import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.embedding.embedder import DEFAULT_MODEL, Embedder
from niteru.engine.networks.model_folder import MODELS, ModelUnusable


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def crops(drawn_crops: dict[str, list[np.ndarray]]) -> np.ndarray:
    return np.stack([crop for crops in drawn_crops.values() for crop in crops])


def test_vectors_have_length_one(embedder: Embedder, crops: np.ndarray) -> None:
    vectors = embedder.embed(crops)
    assert vectors.shape == (len(crops), embedder.info.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_face_has_one_vector_in_whatever_batch(embedder: Embedder, crops: np.ndarray) -> None:
    many = np.concatenate([crops] * 3)[:40]  # more than one batch of 32
    together = embedder.embed(many)
    alone = np.concatenate([embedder.embed(crop[None]) for crop in many])
    assert np.allclose(together, alone, atol=1e-4)
    assert embedder.embed(crops[:0]).shape == (0, embedder.info.dimension)


def test_a_mirrored_face_has_nearly_the_same_vector(embedder: Embedder, crops: np.ndarray) -> None:
    mirrored = np.ascontiguousarray(crops[:, :, ::-1])
    assert (embedder.embed(crops) * embedder.embed(mirrored)).sum(axis=1).min() > 0.8


def test_drawn_people_are_nearer_themselves_than_others(embedder: Embedder, crops: np.ndarray) -> None:
    people = np.repeat(np.arange(len(crops) // 3), 3)
    similarities = embedder.embed(crops) @ embedder.embed(crops).T
    same = people[:, None] == people
    itself = np.eye(len(crops), dtype=bool)
    assert similarities[same & ~itself].mean() > similarities[~same].mean() + 0.2


def test_what_is_no_crop_is_refused(embedder: Embedder) -> None:
    for wrong in (np.zeros((1, 64, 64, 3), np.uint8), np.zeros((1, 112, 112, 3), np.float32)):
        with pytest.raises(ValueError, match="crops are uint8"):
            embedder.embed(wrong)


def test_a_damaged_model_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no model here"):
        Embedder(tmp_path / "nowhere")
    folder = tmp_path / "model"
    shutil.copytree(MODELS / DEFAULT_MODEL, folder)
    info = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**info, "window": info["window"] + 2}))
    with pytest.raises(ModelUnusable, match="is not the file"):
        Embedder(folder)
    (folder / "model.json").write_text("{}")
    with pytest.raises(ModelUnusable, match="not a model description"):
        Embedder(folder)


def test_the_shipped_model_says_where_it_comes_from() -> None:
    folder = MODELS / DEFAULT_MODEL
    info = json.loads((folder / "model.json").read_text())
    assert "research" in info["licence"]
    assert any("CelebA" in line for line in info["training_data"])
    assert (folder / "model.tflite").stat().st_size < 12 * 2**20
    assert "## Training data and terms" in (folder / "CARD.md").read_text()

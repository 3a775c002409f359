"""Vectors of models at hand, to learn from: written once, found again by the pixels, joined and reduced."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

pytest.importorskip("keras")
from niteru.engine.embedding.embedder import DEFAULT_MODEL, Embedder
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.networks.model_folder import MODELS
from niteru.engine.training.embedding import teacher
from niteru.engine.training.embedding.network import MEAN_OFF
from niteru.engine.training.embedding.teacher import TeacherUnusable, load_teacher, models_of, write_teacher

SHIPPED = MODELS / DEFAULT_MODEL


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    return reference_crops()[0]


@pytest.fixture(scope="module")
def folder(crops, tmp_path_factory):
    folder = tmp_path_factory.mktemp("teacher")
    assert write_teacher(SHIPPED, crops, folder / "one.npz") == len(crops)
    return folder


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_vectors_are_the_models_own_averaged_with_their_mirrors(folder, crops) -> None:
    embed = Embedder(SHIPPED).embed
    both = unit(embed(crops) + embed(crops[:, :, ::-1]))
    expected = unit(both - MEAN_OFF * both.mean(axis=0))
    found = load_teacher(folder, crops, 24)
    assert found.shape == (len(crops), 24)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    # 32 vectors span few dimensions: reduced, they keep their likenesses.
    assert np.corrcoef((found @ found.T).ravel(), (expected @ expected.T).ravel())[0, 1] > 0.99


def test_faces_are_known_wherever_they_lie(folder, crops) -> None:
    order = np.random.default_rng(0).permutation(len(crops))
    first, again = load_teacher(folder, crops, 16), load_teacher(folder, crops[order], 16)
    assert np.allclose(first[order] @ first[order].T, again @ again.T, atol=1e-2)


def test_only_new_faces_are_embedded(folder, crops, monkeypatch) -> None:
    seen = []
    embed = teacher._MirrorAverage.__call__

    def counted(self, crops):
        seen.append(len(crops))
        return embed(self, crops)

    monkeypatch.setattr(teacher._MirrorAverage, "__call__", counted)
    more = np.concatenate([crops, 255 - crops[:3]])
    assert write_teacher(SHIPPED, more, folder / "one.npz") == 3
    assert seen == [3]
    assert write_teacher(SHIPPED, crops, folder / "one.npz") == 0


def test_an_interrupted_run_keeps_its_vectors(crops, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(teacher, "BLOCK", 4)
    monkeypatch.setattr(teacher, "SAVE_EVERY", 8)
    calls, embed = iter(range(3)), teacher._MirrorAverage.__call__

    def interrupted(self, crops):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return embed(self, crops)

    monkeypatch.setattr(teacher._MirrorAverage, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_teacher(SHIPPED, crops, tmp_path / "one.npz")
    monkeypatch.setattr(teacher._MirrorAverage, "__call__", embed)
    assert 0 < write_teacher(SHIPPED, crops, tmp_path / "one.npz") < len(crops)


def test_several_models_are_joined(folder, crops, tmp_path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.npz").write_bytes((folder / "one.npz").read_bytes())
    assert len(models_of(tmp_path)) == 2
    alone, both = load_teacher(folder, crops, 16), load_teacher(tmp_path, crops, 16)
    assert np.allclose(alone @ alone.T, both @ both.T, atol=1e-3)


def test_what_does_not_fit_is_refused_with_the_reason(folder, crops, tmp_path) -> None:
    with pytest.raises(TeacherUnusable, match=r"vectors of 0% of these faces.* crops of another size, colour order"):
        load_teacher(folder, crops[..., ::-1].copy(), 16)
    with pytest.raises(TeacherUnusable, match="holds no vectors: niteru teach FACES"):
        load_teacher(tmp_path, crops, 16)
    np.savez(tmp_path / "x.npz", path=["a.jpg"], vector=np.ones((1, 128), np.float16))
    with pytest.raises(TeacherUnusable, match="not a file of niteru teach"):
        load_teacher(tmp_path, crops, 16)
    (tmp_path / "x.npz").write_text("nonsense")
    with pytest.raises(TeacherUnusable, match="not a file of niteru teach"):
        load_teacher(tmp_path, crops, 16)
    with np.load(folder / "one.npz") as vectors:
        np.savez(tmp_path / "x.npz", **{**vectors, "model": "other:0123"})
    with pytest.raises(TeacherUnusable, match="holds vectors of other:0123, not of niteru"):
        write_teacher(SHIPPED, crops, tmp_path / "x.npz")

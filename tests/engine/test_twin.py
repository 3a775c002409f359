"""Twins of the shipped models: the same networks on ONNX Runtime, for systems without LiteRT."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.embedding.embedder import DEFAULT_MODEL, Embedder, ModelInfo
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.faces.detector import DEFAULT_DETECTOR, DetectorInfo, NetworkDetector
from niteru.engine.networks import model_folder, runtimes
from niteru.engine.networks.model_folder import MODELS, ONNX_WEIGHTS, WEIGHTS, ModelUnusable, checked_weights, read_info
from niteru.engine.networks.onnx import OnnxNetwork
from niteru.indexer.generations.canary import LEAST_COSINE
from support.drawings import drawn

pytest.importorskip("onnxruntime")
EMBEDDERS = sorted(folder.name for folder in MODELS.iterdir() if folder.is_dir() and folder.name != DEFAULT_DETECTOR)


@pytest.fixture
def without_litert(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "litert_is_here", lambda: False)


@pytest.mark.parametrize("name", EMBEDDERS)
def test_the_twin_gives_the_same_vectors(name: str, request: pytest.FixtureRequest) -> None:
    crops = reference_crops()[0]
    expected = Embedder(MODELS / name).embed(crops)
    request.getfixturevalue("without_litert")
    twin = Embedder(MODELS / name)
    assert isinstance(twin._network, OnnxNetwork)
    assert (expected * twin.embed(crops)).sum(axis=1).min() > LEAST_COSINE


def test_the_twin_finds_the_same_faces(request: pytest.FixtureRequest) -> None:
    pictures = [drawn(number).image for number in range(4)]
    pictures.append(np.rot90(pictures[0]).copy())
    expected = [NetworkDetector().detect(picture) for picture in pictures]
    request.getfixturevalue("without_litert")
    for picture, faces in zip(pictures, expected, strict=True):
        found = NetworkDetector().detect(picture)
        assert [face.box for face in found] == [face.box for face in faces]
        for one, other in zip(found, faces, strict=True):
            np.testing.assert_allclose(one.landmarks, other.landmarks, atol=0.05)


@pytest.mark.usefixtures("without_litert")
def test_a_damaged_twin_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MODELS / DEFAULT_MODEL, tmp_path / "model"))
    info = read_info(folder, ModelInfo)
    assert checked_weights(folder, info).name == ONNX_WEIGHTS
    (folder / ONNX_WEIGHTS).write_bytes((folder / ONNX_WEIGHTS).read_bytes()[:-1])
    with pytest.raises(ModelUnusable, match=r"model\.onnx is not the file that model\.json describes"):
        checked_weights(folder, info)


@pytest.mark.usefixtures("without_litert")
def test_a_model_without_a_twin_keeps_its_own_weights(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MODELS / DEFAULT_MODEL, tmp_path / "model"))
    (folder / ONNX_WEIGHTS).unlink()
    info = model_folder.write_info(folder, read_info(folder, ModelInfo))
    assert info.twin == ""
    assert checked_weights(folder, info).name == WEIGHTS


def test_an_accelerator_is_used_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    crops = reference_crops()[0]
    embedder = Embedder()
    assert not isinstance(embedder._network, OnnxNetwork)
    monkeypatch.setenv(runtimes.ACCELERATOR, "CPU")  # the one that every build of ONNX Runtime has
    accelerated = Embedder()
    assert isinstance(accelerated._network, OnnxNetwork)
    assert accelerated.info.id == embedder.info.id
    assert (embedder.embed(crops) * accelerated.embed(crops)).sum(axis=1).min() > LEAST_COSINE


def test_an_accelerator_that_is_missing_is_named_with_those_that_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(runtimes.ACCELERATOR, "abacus")
    with pytest.raises(ModelUnusable, match=r"NITERU_ACCELERATOR=abacus: .* has .*cpu.*unset the variable"):
        Embedder()


def test_a_model_without_a_twin_is_refused_for_an_accelerator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(MODELS / DEFAULT_MODEL, tmp_path / "model"))
    (folder / ONNX_WEIGHTS).unlink()
    model_folder.write_info(folder, read_info(folder, ModelInfo))
    monkeypatch.setenv(runtimes.ACCELERATOR, "cpu")
    with pytest.raises(ModelUnusable, match=r"runs on LiteRT alone: unset NITERU_ACCELERATOR"):
        Embedder(folder)


def test_a_twin_is_made_of_the_weights(tmp_path: Path) -> None:
    pytest.importorskip("tf2onnx")
    from niteru.engine.training.twin import LEAST_COSINE as LEAST
    from niteru.engine.training.twin import write_twin

    folder = Path(shutil.copytree(MODELS / DEFAULT_DETECTOR, tmp_path / DEFAULT_DETECTOR))
    before = read_info(folder, DetectorInfo)
    (folder / ONNX_WEIGHTS).unlink()
    assert write_twin(folder) > LEAST
    assert (folder / ONNX_WEIGHTS).stat().st_size <= 1.05 * (folder / WEIGHTS).stat().st_size
    after = read_info(folder, DetectorInfo)
    assert after.fingerprint == before.fingerprint
    assert len(after.twin) == 64

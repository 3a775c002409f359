"""dlib's network, read from its own file: the same vectors as dlib's, and a network that goes on learning."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

pytest.importorskip("keras")
dlib = pytest.importorskip("dlib")
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.embedding.window import central_window
from niteru.engine.training.embedding.dlib_file import NETWORK, models_folder, read_layers
from niteru.engine.training.embedding.inherited import SIDE, WINDOW, inherited_network


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    crops, _ = reference_crops()
    return np.stack([central_window(crop, SIDE, WINDOW) for crop in crops])


def test_the_file_holds_every_layer() -> None:
    layers = read_layers(models_folder() / NETWORK)
    # A convolution and an affine layer each, 29 of both, and the last matrix.
    assert len(layers) == 59
    assert len(layers[0]) == 32 * 3 * 7 * 7 + 32
    assert len(layers[-1]) == 256 * 128
    assert all(np.isfinite(layer).all() for layer in layers)


def test_an_inherited_network_gives_dlibs_vectors(faces: np.ndarray) -> None:
    ours = np.asarray(inherited_network()(faces.astype(np.float32), training=False))
    chips = np.full((len(faces), 150, 150, 3), (123, 117, 104), np.uint8)
    chips[:, :141] = faces[:, 27:, 9:159]
    network = dlib.face_recognition_model_v1(str(models_folder() / NETWORK))
    theirs = np.stack([np.array(network.compute_face_descriptor(chip)) for chip in chips])
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    assert (ours * theirs).sum(axis=1).min() > 0.999

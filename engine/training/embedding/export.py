"""Export of a trained embedding network as the weights of a model folder, with a check."""

from __future__ import annotations

import logging
from pathlib import Path

import keras
import numpy as np

from niteru.engine import Pixels
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.window import central_window
from niteru.engine.networks.model_folder import WEIGHTS, write_info
from niteru.engine.training.embedding.network import PLAIN, served
from niteru.engine.training.embedding.trainer import trained_network
from niteru.engine.training.export import ExportFailed, Type, check_size, convert

log = logging.getLogger("niteru.training")

LEAST_PARITY = 0.995
"""Cosine with the trained network's vectors that exported weights must keep; the shipped 8-bit ones kept .998."""
MAX_BYTES = 12 * 2**20


def export_model(training: Path, folder: Path, info: ModelInfo, crops: Pixels) -> tuple[ModelInfo, float]:
    """Write weights and ``model.json``, with 8-bit weights if they keep the vectors, else with float16 ones.

    A plain network, a MobileFaceNet, gets float16 weights at once: 8 bits took .005 off its recall@1 on LFW and saved
    no time (3.3 ms against 2.9), because LiteRT then leaves its PReLUs to slower code.

    Args:
        training: folder of the trainer.
        folder: the model folder.
        info: description of the model, except for the fingerprint.
        crops: crops for the comparison, uint8 RGB, shape (n, 112, 112, 3).

    Returns:
        The model's description, and the least cosine of :func:`check_export`.

    Raises:
        ExportFailed: neither kind of weights keeps the vectors.
    """
    if trained_network(training).name != PLAIN:
        export_weights(training, folder)
        written = write_info(folder, info)
        try:
            return written, check_export(training, folder, crops)
        except ExportFailed as error:
            log.warning("8-bit weights are not good enough: %s; writing float16 ones", error)
    export_weights(training, folder, "float16")
    return write_info(folder, info), check_export(training, folder, crops)


def export_weights(training: Path, folder: Path, kind: Type = "int8") -> None:
    """Convert the last checkpoint of a training folder into a model folder's weights."""
    convert(served_network, training, folder / WEIGHTS, kind)


def served_network(training: Path) -> keras.Model:
    """The network of a training folder, in the form that is exported."""
    return served(trained_network(training))


def check_export(training: Path, folder: Path, crops: Pixels) -> float:
    """Compare the exported network with the trained one on real crops.

    Args:
        training: folder of the trainer.
        folder: the model folder.
        crops: uint8 RGB, shape (n, 112, 112, 3).

    Returns:
        The least cosine between the two vectors of a crop.

    Raises:
        ExportFailed: the cosine is below 0.995, or the file is too small to hold the weights or too large to ship.
    """
    model = trained_network(training)
    check_size(folder / WEIGHTS, model.count_params(), MAX_BYTES)
    parity = parity_of(model, Embedder(folder), crops)
    if parity < LEAST_PARITY:
        raise ExportFailed(f"the exported network differs from the trained one: cosine {parity:.6f}")
    return parity


def parity_of(network: keras.Model, embedder: Embedder, crops: Pixels) -> float:
    """Least cosine between a network's and an embedder's vector of the same crop, uint8 RGB (n, 112, 112, 3)."""
    info = embedder.info
    faces = np.stack([central_window(crop, info.side, info.window) for crop in crops]).astype(np.float32)
    trained = np.asarray(keras.ops.convert_to_numpy(served(network)(faces, training=False)))
    return float((trained * embedder.embed(crops)).sum(axis=1).min())

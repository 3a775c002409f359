"""Write a trained embedding network as the weights of a model folder, and check them."""

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
"""Cosine that 8-bit weights must keep; they kept .998 of the shipped network's on real faces."""
MAX_BYTES = 12 * 2**20


def export_model(training: Path, folder: Path, info: ModelInfo, crops: Pixels) -> tuple[ModelInfo, float]:
    """Write weights and ``model.json``: 8-bit weights where they keep the vectors, else float16 ones.

    A plain network, a MobileFaceNet, gets float16 ones at once: 8 bits took .005 off its recall@1 on LFW, and saved no
    time (3.3 ms against 2.9), for LiteRT leaves its PReLUs to slower code then.

    Args:
        training: folder of the trainer.
        folder: the model folder.
        info: what it is, but for the fingerprint.
        crops: to compare by, uint8 RGB, shape (n, 112, 112, 3).

    Returns:
        The model's info, and its parity with the trained network, see :func:`check_export`.

    Raises:
        ExportFailed: if neither keeps them.
    """
    if trained_network(training).name != PLAIN:
        export_weights(training, folder)
        written = write_info(folder, info)
        try:
            return written, check_export(training, folder, crops)
        except ExportFailed as error:
            log.warning("8-bit weights do not do: %s; writing float16 ones", error)
    export_weights(training, folder, "float16")
    return write_info(folder, info), check_export(training, folder, crops)


def export_weights(training: Path, folder: Path, kind: Type = "int8") -> None:
    """Convert the last checkpoint into a model folder."""
    convert(served_network, training, folder / WEIGHTS, kind)


def served_network(training: Path) -> keras.Model:
    """The network of a training folder as it will serve."""
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
        ExportFailed: if it is below 0.995, or the file is too small to hold the weights, or too large to ship.
    """
    model = trained_network(training)
    check_size(folder / WEIGHTS, model.count_params(), MAX_BYTES)
    parity = parity_of(model, Embedder(folder), crops)
    if parity < LEAST_PARITY:
        raise ExportFailed(f"the exported network differs from the trained one: cosine {parity:.6f}")
    return parity


def parity_of(network: keras.Model, embedder: Embedder, crops: Pixels) -> float:
    """The least cosine between what a network and a model folder make of a crop, uint8 RGB (n, 112, 112, 3)."""
    info = embedder.info
    faces = np.stack([central_window(crop, info.side, info.window) for crop in crops]).astype(np.float32)
    trained = np.asarray(keras.ops.convert_to_numpy(served(network)(faces, training=False)))
    return float((trained * embedder.embed(crops)).sum(axis=1).min())

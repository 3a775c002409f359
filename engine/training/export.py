"""Write a trained network as a model folder: LiteRT weights, ``model.json``, ``CARD.md``.

The converter lives in TensorFlow. A network trained on another backend is exported by a fresh process:
``python -m engine.training.export TRAINING_FOLDER MODEL_FOLDER``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from engine.embedder import Embedder, ModelInfo, fingerprint
from engine.photo import Pixels
from engine.training.network import FlipAverage
from engine.training.trainer import load_checkpoint
from engine.window import central_window

LEAST_PARITY = 0.9999
MAX_BYTES = 12 * 2**20


class ExportFailed(Exception):
    """The exported network is not the trained one."""


def export_weights(training: Path, weights: Path, side: int) -> None:
    """Convert the last checkpoint to LiteRT with float16 weights, the flip average folded in.

    Args:
        training: folder of a :class:`~engine.training.trainer.Trainer`.
        weights: where the ``.tflite`` file goes.
        side: input side of the network.
    """
    if keras.backend.backend() != "tensorflow":
        command = [sys.executable, "-m", "engine.training.export", str(training), str(weights), str(side)]
        subprocess.run(command, check=True, env={**os.environ, "KERAS_BACKEND": "tensorflow"})
        return
    import tensorflow as tf

    face = keras.Input((side, side, 3), name="face")
    model = keras.Model(face, FlipAverage(load_checkpoint(training))(face))
    weights.parent.mkdir(parents=True, exist_ok=True)
    model.export(
        str(weights),
        format="litert",
        verbose=False,
        optimizations=[tf.lite.Optimize.DEFAULT],
        target_spec={"supported_types": [tf.float16]},
    )


def check_export(training: Path, folder: Path, crops: Pixels) -> float:
    """Compare the exported network with the trained one on real crops.

    Args:
        training: folder of the trainer.
        folder: the model folder.
        crops: uint8 RGB, shape (n, 112, 112, 3).

    Returns:
        The least cosine between the two vectors of a crop.

    Raises:
        ExportFailed: if it is below 0.9999, or the file is too small to hold the weights, or too large to ship.
    """
    model = load_checkpoint(training)
    size, floor = (folder / "model.tflite").stat().st_size, model.count_params() * 2
    # A converter once reported success and wrote a file without weights.
    if not floor <= size <= MAX_BYTES:
        raise ExportFailed(f"model.tflite has {size} bytes; between {floor} and {MAX_BYTES} were expected")
    embedder = Embedder(folder)
    info = embedder.info
    faces = np.stack([central_window(crop, info.side, info.window) for crop in crops]).astype(np.float32)
    trained = np.asarray(keras.ops.convert_to_numpy(FlipAverage(model)(faces)))
    parity = float((trained * embedder.embed(crops)).sum(axis=1).min())
    if parity < LEAST_PARITY:
        raise ExportFailed(f"the exported network differs from the trained one: cosine {parity:.6f}")
    return parity


def write_info(folder: Path, info: ModelInfo) -> ModelInfo:
    """Write ``model.json`` with the fingerprint of the weights that lie beside it."""
    mark = fingerprint(folder / "model.tflite", info.side, info.window)
    said = {**asdict(info), "fingerprint": mark}
    (folder / "model.json").write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return ModelInfo(**said)


if __name__ == "__main__":
    export_weights(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

"""Export of a trained detector's network as the weights of a model folder, with a check."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from niteru.engine import Pixels
from niteru.engine.networks.litert import Network
from niteru.engine.networks.model_folder import WEIGHTS
from niteru.engine.training.export import ExportFailed, check_size, convert
from niteru.engine.training.loop import load_checkpoint

LARGEST_DIFFERENCE = 0.05
"""Difference allowed between the outputs of the two networks, in logits and units of four strides; float16 costs a
hundredth."""
MAX_BYTES = 1_500_000
SIDE = 256


def trained_network(training: Path) -> keras.Model:
    """Load the detector's network from the last checkpoint of a training folder."""
    return load_checkpoint(training).get_layer("detector")


def export_weights(training: Path, folder: Path) -> None:
    """Convert the last checkpoint of a training folder into a model folder's weights."""
    convert(served_network, training, folder / WEIGHTS, "float16")


def served_network(training: Path) -> keras.Model:
    """Build the network for one size of picture; LiteRT resizes it to any other."""
    picture = keras.Input((SIDE, SIDE, 3), name="picture")
    return keras.Model(picture, trained_network(training)(picture))


def check_export(training: Path, folder: Path, scenes: Pixels) -> float:
    """Compare the exported network with the trained one, at the exported size and at a smaller one.

    Args:
        training: folder of the trainer.
        folder: the model folder.
        scenes: uint8 RGB, shape (n, height, width, 3), sides multiples of 32 above 64.

    Returns:
        The largest difference between two outputs.

    Raises:
        ExportFailed: the difference is above 0.05, or the file is too small to hold the weights or too large to ship.
    """
    model = trained_network(training)
    check_size(folder / WEIGHTS, model.count_params(), MAX_BYTES)
    network, differences = Network(folder / WEIGHTS), []
    for pixels in (scenes, scenes[:, :-32, :-64]):
        trained = model(pixels.astype(np.float32), training=False)
        exported = sorted(network(pixels.astype(np.float32)), key=lambda grid: -grid.shape[1])
        for left, right in zip(trained, exported, strict=True):
            differences.append(float(np.abs(keras.ops.convert_to_numpy(left) - right).max()))
    if max(differences) > LARGEST_DIFFERENCE:
        raise ExportFailed(f"the exported network differs from the trained one by {max(differences):.4f}")
    return max(differences)

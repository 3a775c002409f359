"""From the weights of a model folder back to a network that can be trained on.

The converter folds batch normalisation into the convolutions before it, so the shipped file holds kernels and biases
only. They go back into a network whose normalisation adds the biases and does nothing else; it must stay frozen.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from engine.embedder import Embedder, ModelInfo
from engine.model_folder import ModelUnusable, checked_weights, read_info
from engine.reference import reference_crops
from engine.training.embedding.network import WIDTHS, FlipAverage, embedding_network
from engine.window import central_window

LEAST_PARITY = 0.9999
_EPSILON = 1e-3
"""What Keras adds to the variance in a batch normalisation."""

Folded = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


def unfolded(folder: Path) -> keras.Model:
    """The network of a model folder, its batch normalisation standing still.

    Raises:
        ModelUnusable: it is not one of niteru's own networks.
    """
    info = read_info(folder, ModelInfo)
    try:
        *convolutions, last = _folded(checked_weights(folder, info))
        widths = [kernel.shape[-1] for kernel, _ in convolutions]
        blocks = tuple((widths.count(width) - 1) // 2 for width in WIDTHS[1:])
        network = embedding_network(info.side, blocks, info.dimension)
        kernels = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
        for layer, (kernel, bias) in zip(kernels, convolutions, strict=True):
            layer.set_weights([kernel])
            ones = np.ones_like(bias)
            network.get_layer(f"{layer.name}_norm").set_weights([ones, bias, 0 * bias, ones - _EPSILON])
        kernel, bias = last
        network.get_layer("vector").set_weights([kernel])
        network.get_layer("vector_norm").set_weights([bias, 0 * bias, np.ones_like(bias) - _EPSILON])
    except (ValueError, IndexError, KeyError) as error:
        raise ModelUnusable(f"{folder}: not a network of niteru's own, so it cannot be trained on ({error})") from None
    _check_parity(network, Embedder(folder))
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return network


def _folded(weights: Path) -> Folded:
    """Kernel (height, width, in, out) and bias of each convolution, then of the last layer, in the order they run."""
    interpreter = Interpreter(model_path=str(weights))
    stored = {one["index"]: one["index"] for one in interpreter.get_tensor_details()}
    operations = interpreter._get_ops_details()  # no public door leads to the graph
    for one in operations:
        if one["op_name"] == "DEQUANTIZE":
            stored[int(one["outputs"][0])] = int(one["inputs"][0])
    found: Folded = []
    seen = set()
    for one in operations:
        # The mirrored face runs through the same weights a second time.
        if one["op_name"] not in ("CONV_2D", "FULLY_CONNECTED") or int(one["inputs"][1]) in seen:
            continue
        seen.add(int(one["inputs"][1]))
        kernel, bias = (interpreter.get_tensor(stored[int(i)]).astype(np.float32) for i in one["inputs"][1:3])
        found.append((kernel.T if kernel.ndim == 2 else kernel.transpose(1, 2, 3, 0), bias))
    return found


def _check_parity(network: keras.Model, embedder: Embedder) -> None:
    crops, _ = reference_crops()
    info = embedder.info
    faces = np.stack([central_window(crop, info.side, info.window) for crop in crops]).astype(np.float32)
    again = keras.ops.convert_to_numpy(FlipAverage(network)(faces))
    parity = float((again * embedder.embed(crops)).sum(axis=1).min())
    if parity < LEAST_PARITY:
        raise ModelUnusable(f"{info.name}: its network could not be rebuilt from its file (cosine {parity:.4f})")

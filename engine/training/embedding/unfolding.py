"""From the weights of a model folder back to a network that can be trained on.

The converter folds batch normalisation into the convolutions before it, so the shipped file holds kernels and biases
only. They go back into a network whose normalisation adds the biases and does nothing else; it must stay frozen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from engine.embedder import Embedder, ModelInfo
from engine.model_folder import ModelUnusable, checked_weights, read_info
from engine.reference import reference_crops
from engine.training.embedding.export import LEAST_PARITY, parity_of
from engine.training.embedding.inherited import SIDE, dlib_shaped
from engine.training.embedding.residual import WIDTHS, residual_network

Folded = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


def unfolded(folder: Path) -> keras.Model:
    """The network of a model folder, its batch normalisation standing still.

    Raises:
        ModelUnusable: it is not one of niteru's own networks.
    """
    info = read_info(folder, ModelInfo)
    try:
        *convolutions, last = _folded(checked_weights(folder, info))
        network = dlib_shaped() if info.side == SIDE else _residual(info, convolutions)
        kernels = [layer.name for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
        for name, (kernel, bias) in zip([*kernels, "vector"], [*convolutions, last], strict=True):
            network.get_layer(name).set_weights([kernel])
            norm = network.get_layer(f"{name}_norm")
            ones = np.ones_like(bias)
            factor = [ones] if norm.scale else []
            norm.set_weights([*factor, bias, 0 * bias, ones - norm.epsilon])
    except (ValueError, IndexError, KeyError) as error:
        raise ModelUnusable(f"{folder}: not a network of niteru's own, so it cannot be trained on ({error})") from None
    parity = parity_of(network, Embedder(folder), reference_crops()[0])
    if parity < LEAST_PARITY:
        raise ModelUnusable(f"{info.name}: its network could not be rebuilt from its file (cosine {parity:.4f})")
    hold_norms(network)
    return network


def hold_norms(network: keras.Model) -> None:
    """Let every batch normalisation stand still: it has no statistics of its own here."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def _residual(info: ModelInfo, convolutions: Folded) -> keras.Model:
    widths = [kernel.shape[-1] for kernel, _ in convolutions]
    blocks = tuple((widths.count(width) - 1) // 2 for width in WIDTHS[1:])
    return residual_network(info.side, blocks, info.dimension)


def _folded(weights: Path) -> Folded:
    """Kernel (height, width, in, out) and bias of each convolution, then of the last layer, in the order they run."""
    interpreter = Interpreter(model_path=str(weights))
    details = {one["index"]: one for one in interpreter.get_tensor_details()}
    stored = {index: index for index in details}
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
        kernel, bias = (_numbers(interpreter, details[stored[int(i)]]) for i in one["inputs"][1:3])
        found.append((kernel.T if kernel.ndim == 2 else kernel.transpose(1, 2, 3, 0), bias))
    return found


def _numbers(interpreter: Interpreter, detail: dict[str, Any]) -> NDArray[np.float32]:
    """A stored tensor; 8-bit ones have a factor for each filter."""
    values = interpreter.get_tensor(detail["index"]).astype(np.float32)
    factors = detail["quantization_parameters"]["scales"]
    if not len(factors):
        return np.asarray(values)
    return np.asarray(values * factors.reshape(-1, *(1,) * (values.ndim - 1)), np.float32)

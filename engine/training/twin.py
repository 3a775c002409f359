"""A model's twin: the same network as ONNX, beside its LiteRT weights, for systems that LiteRT has no package for.

``python -m niteru.engine.training.twin MODEL_FOLDER`` writes it, checks its answers, and enters it into ``model.json``.
It needs the extras ``train`` and ``onnx``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.faces.detector import DEFAULT_DETECTOR, DetectorInfo
from niteru.engine.networks.litert import Network
from niteru.engine.networks.model_folder import ONNX_WEIGHTS, WEIGHTS, checked_weights, read_info, write_info
from niteru.engine.networks.onnx import OnnxNetwork
from niteru.engine.training.export import ExportFailed

OPSET = 17
SMALLEST_HALVED = 64
"""Numbers in a tensor from which its size matters."""
LEAST_COSINE = 0.9999
"""Cosine between the two runtimes' outputs for the same picture; galleries allow .999 before they embed anew."""


def write_twin(folder: Path) -> float:
    """Convert a model's weights, and check the answers.

    Args:
        folder: the model folder; ``model.onnx`` and ``model.json`` in it are written.

    Returns:
        The least cosine between the outputs of the two for one picture.

    Raises:
        ExportFailed: the answers differ.
        ModelUnusable: the folder is not a usable model.
    """
    import onnx
    from tf2onnx import convert

    kind = DetectorInfo if folder.name == DEFAULT_DETECTOR else ModelInfo
    info = read_info(folder, kind)
    graph, _ = convert.from_tflite(str(checked_weights(folder, info)), opset=OPSET)
    if kind is DetectorInfo:
        _free_sides(graph)
    _halve(graph)
    onnx.save(graph, str(folder / ONNX_WEIGHTS))
    least = agreement(folder)
    if least < LEAST_COSINE:
        (folder / ONNX_WEIGHTS).unlink()
        raise ExportFailed(f"{folder}: as ONNX, the network answers differently (cosine {least:.6f})")
    write_info(folder, info)
    return least


def agreement(folder: Path) -> float:
    """Least cosine between the outputs of a model and of its twin, over pictures of drawn people."""
    one, other = Network(folder / WEIGHTS), OnnxNetwork(folder / ONNX_WEIGHTS)
    side = one.input_shape[1]
    crops = reference_crops()[0].astype(np.float32)
    pictures = np.ascontiguousarray(np.pad(crops, ((0, 0), (0, 160), (0, 160), (0, 0)), "reflect")[:, :side, :side])
    rows = [[_rows(output) for output in sorted(network(pictures), key=np.size)] for network in (one, other)]
    return min(float((left * right).sum(axis=1).min()) for left, right in zip(*rows, strict=True))


def _rows(output: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = output.reshape(len(output), -1)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _free_sides(graph: Any) -> None:
    """Let a detector take pictures of any size, as LiteRT does with the same file."""
    del graph.graph.value_info[:]
    for value in (*graph.graph.input, *graph.graph.output):
        _, height, width, _ = value.type.tensor_type.shape.dim
        height.dim_param, width.dim_param = f"{value.name} height", f"{value.name} width"


def _halve(graph: Any) -> None:
    """Store weights as float16 where that loses nothing; ONNX Runtime turns them back while it loads them."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for stored in graph.graph.initializer:
        values = numpy_helper.to_array(stored)
        half = values.astype(np.float16) if values.dtype == np.float32 and values.size >= SMALLEST_HALVED else None
        if half is None or not np.array_equal(half.astype(np.float32), values):
            continue
        casts.append(helper.make_node("Cast", [f"{stored.name} half"], [stored.name], to=TensorProto.FLOAT))
        stored.CopyFrom(numpy_helper.from_array(half, f"{stored.name} half"))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)


if __name__ == "__main__":
    model = Path(sys.argv[1])
    print(f"{model / ONNX_WEIGHTS}: least cosine {write_twin(model):.6f}")  # noqa: T201

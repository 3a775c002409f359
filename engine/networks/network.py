"""A trained network, whatever runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from niteru.engine.networks.litert import Floats, Network
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.work.extras import extra


class Runnable(Protocol):
    """What an embedding needs of a network; safe to share between threads.

    Attributes:
        input_shape: of the file, with -1 where any size goes.
    """

    input_shape: tuple[int, ...]

    def __call__(self, batch: Floats) -> list[Floats]:
        """All outputs for one input, float32, in the file's order."""


def open_network(weights: Path) -> Runnable:
    """Open a ``.tflite`` or ``.onnx`` file.

    Raises:
        ModelUnusable: if it cannot be opened, or ONNX Runtime is missing.
    """
    if weights.suffix != ".onnx":
        return Network(weights)
    with extra("onnx", str(weights), ModelUnusable):
        from niteru.engine.networks.onnx import OnnxNetwork
    return OnnxNetwork(weights)

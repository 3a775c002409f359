"""A trained network, whichever runtime it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from niteru.engine.networks.litert import Floats, Network
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.work.extras import extra


class Runnable(Protocol):
    """A network as an embedder needs it; safe to share between threads.

    Attributes:
        input_shape: the input's shape in the file, with -1 where any size is accepted.
    """

    input_shape: tuple[int, ...]

    def __call__(self, batch: Floats) -> list[Floats]:
        """Run the network; its outputs are float32, in the file's order."""


def open_network(weights: Path) -> Runnable:
    """Open a ``.tflite`` or an ``.onnx`` file on the runtime it needs.

    Raises:
        ModelUnusable: if it cannot be opened, or ONNX Runtime is missing.
    """
    if weights.suffix != ".onnx":
        return Network(weights)
    with extra("onnx", str(weights), ModelUnusable):
        from niteru.engine.networks.onnx import OnnxNetwork
    return OnnxNetwork(weights)

"""A trained network, whichever runtime it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.networks.runtimes import ACCELERATOR, Floats, accelerator, litert_is_here
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
        ModelUnusable: if it cannot be opened, or its runtime or the accelerator that is asked for is missing.
    """
    if weights.suffix != ".onnx":
        if accelerator():
            raise ModelUnusable(f"{weights} runs on LiteRT alone: unset {ACCELERATOR}, or take a model with an .onnx")
        if not litert_is_here():
            raise ModelUnusable(f"{weights} needs LiteRT, which this system has no package of: take the .onnx instead")
        from niteru.engine.networks.litert import Network

        return Network(weights)
    with extra("onnx", str(weights), ModelUnusable):
        from niteru.engine.networks.onnx import OnnxNetwork
    return OnnxNetwork(weights)

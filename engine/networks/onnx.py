"""A network in an ``.onnx`` file, run by ONNX Runtime on one thread."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.networks.runtimes import Floats


class OnnxNetwork:
    """A network that takes float32 pictures; safe to share between threads.

    Attributes:
        input_shape: the input's shape in the file, with -1 where any size is accepted.
    """

    def __init__(self, weights: Path) -> None:
        """Load the file.

        Raises:
            ModelUnusable: if ONNX Runtime cannot open it, or it takes anything but one input of float32.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors share no other base
            raise ModelUnusable(f"{weights}: ONNX Runtime cannot open it ({error})") from None
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type != "tensor(float)":
            kinds = ", ".join(f"{one.name} {one.type}" for one in inputs)
            raise ModelUnusable(f"{weights} takes {kinds}; it must take one picture of float32")
        self._name = inputs[0].name
        self.input_shape = tuple(size if isinstance(size, int) else -1 for size in inputs[0].shape)

    def __call__(self, batch: Floats) -> list[Floats]:
        """Run the network; its outputs are float32, in the file's order."""
        outputs: list[Floats] = self._session.run(None, {self._name: batch})
        return outputs

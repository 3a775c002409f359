"""A network in an ``.onnx`` file, run by ONNX Runtime on one thread, or on the accelerator that is asked for."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.networks.runtimes import ACCELERATOR, Floats, accelerator

_PROCESSOR, _PROVIDER = "CPUExecutionProvider", "ExecutionProvider"


class OnnxNetwork:
    """A network that takes float32 pictures; safe to share between threads.

    Attributes:
        input_shape: the input's shape in the file, with -1 where any size is accepted.
    """

    def __init__(self, weights: Path) -> None:
        """Load the file.

        Raises:
            ModelUnusable: if ONNX Runtime cannot open it, if it takes anything but one input of float32, or if the
                accelerator is missing.
        """
        providers = _providers()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=providers)
        except Exception as error:  # ONNX Runtime's own errors share no other base
            raise ModelUnusable(f"{weights}: ONNX Runtime cannot open it ({error})") from None
        if self._session.get_providers()[0] != providers[0]:  # it goes on with the processor, and only logs why
            raise ModelUnusable(f"{ACCELERATOR}={accelerator()}: ONNX Runtime has it and cannot start it; see its log")
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


def _providers() -> list[str]:
    """What runs the network: the accelerator that is asked for, and the processor for what that cannot do.

    Raises:
        ModelUnusable: this ONNX Runtime has no such accelerator.
    """
    wanted = accelerator()
    if wanted is None:
        return [_PROCESSOR]
    here = {name.removesuffix(_PROVIDER).lower(): name for name in onnxruntime.get_available_providers()}
    if wanted not in here:
        raise ModelUnusable(
            f"{ACCELERATOR}={wanted}: the ONNX Runtime that is installed has {', '.join(sorted(here))}. Install a "
            "build of it that has more (for cuda, onnxruntime-gpu in place of onnxruntime), or unset the variable"
        )
    return list(dict.fromkeys([here[wanted], _PROCESSOR]))

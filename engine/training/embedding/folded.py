"""Reader of the convolutions in a ``.tflite`` file, into which the converter has folded batch normalisation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

_KERNELS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A convolution, or a matrix in the form of a 1×1 convolution.

    Attributes:
        kernel: filters (height, width, in, out); (height, width, channels, 1) if depthwise.
        bias: biases (out,).
        slopes: slopes (out,) of the PReLU that follows, or None.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    slopes: NDArray[np.float32] | None = None

    @property
    def linear(self) -> bool:
        """Whether it only mixes channels, so that two of them in a row amount to one."""
        return bool(self.kernel.shape[:2] == (1, 1) and self.kernel.shape[3] > 1 and self.slopes is None)

    @property
    def depthwise(self) -> bool:
        """Whether each channel has a filter of its own."""
        return int(self.kernel.shape[3]) == 1

    def then(self, other: Folded) -> Folded:
        """Combine this convolution and the next into one."""
        kernel, after = self.kernel[0, 0], other.kernel[0, 0]
        return Folded((kernel @ after)[None, None], self.bias @ after + other.bias, other.slopes)


def read_folded(weights: Path) -> list[Folded]:
    """Read all convolutions of a file, in the order in which they run; one that runs twice is read once.

    Raises:
        ValueError: LiteRT cannot open the file.
    """
    # The default delegate would hide them.
    interpreter = Interpreter(
        str(weights), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    details = {one["index"]: one for one in interpreter.get_tensor_details()}
    stored = {index: index for index in details}
    found: list[Folded] = []
    seen: set[int] = set()
    for one in interpreter._get_ops_details():  # the graph has no public interface
        inputs = [int(index) for index in one["inputs"] if index >= 0]
        match one["op_name"]:
            case "DEQUANTIZE":
                stored[int(one["outputs"][0])] = inputs[0]
            case name if name in _KERNELS:
                if inputs[1] not in seen:
                    kernel, bias = (_numbers(interpreter, details[stored[index]]) for index in inputs[1:3])
                    found.append(Folded(_spread(kernel), bias))
                seen.add(inputs[1])
            case "PRELU":
                found[-1] = replace(found[-1], slopes=_numbers(interpreter, details[stored[inputs[1]]]).ravel())
            case "MUL" if found and (slopes := _half_slopes(interpreter, details, inputs)) is not None:
                # A PReLU written as relu(x) + slope / 2 · (x - |x|).
                found[-1] = replace(found[-1], slopes=2 * slopes)
    return found


def _spread(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    return kernel.T[None, None] if kernel.ndim == 2 else kernel.transpose(1, 2, 3, 0)


def _half_slopes(interpreter: Interpreter, details: dict[int, Any], inputs: list[int]) -> NDArray[np.float32] | None:
    lone = [index for index in inputs if len(details[index]["shape"]) == 1]
    return _numbers(interpreter, details[lone[0]]) if lone else None


def _numbers(interpreter: Interpreter, detail: dict[str, Any]) -> NDArray[np.float32]:
    """Values of a stored tensor; an 8-bit one has a factor for each filter."""
    values = interpreter.get_tensor(detail["index"]).astype(np.float32)
    factors = detail["quantization_parameters"]["scales"]
    if not len(factors):
        return np.asarray(values)
    along = [1] * values.ndim
    along[detail["quantization_parameters"]["quantized_dimension"]] = -1
    return np.asarray(values * factors.reshape(along), np.float32)

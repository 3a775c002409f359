"""What networks run on: LiteRT wherever there is a package of it, ONNX Runtime, or an accelerator that is asked for."""

from __future__ import annotations

import functools
import os

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
"""What goes into a network, and what comes out."""
ACCELERATOR = "NITERU_ACCELERATOR"
"""Variable that names one of ONNX Runtime's execution providers: ``cuda``, ``coreml``, ``dml``, ``openvino``…"""


@functools.cache
def litert_is_here() -> bool:
    """Whether LiteRT is installed; for Intel Macs there is none."""
    try:
        import ai_edge_litert  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def accelerator() -> str | None:
    """The accelerator that is asked for, in small letters; None if nobody has, however many there are."""
    return os.environ.get(ACCELERATOR, "").strip().lower() or None


def twins_run() -> bool:
    """Whether networks that have a twin for ONNX Runtime run as that."""
    return accelerator() is not None or not litert_is_here()

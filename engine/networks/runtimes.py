"""What networks run on: LiteRT wherever there is a package of it, and ONNX Runtime."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
"""What goes into a network, and what comes out."""


@functools.cache
def litert_is_here() -> bool:
    """Whether LiteRT is installed; for Intel Macs there is none."""
    try:
        import ai_edge_litert  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True

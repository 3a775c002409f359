"""Photo → faces → aligned crops → unit vectors: arrays in, arrays out.

Nothing here knows of galleries, HTTP or commands. Pictures are RGB and upright. Similarity is the cosine of two unit
vectors: the larger, the more alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # and not when it runs: niteru --help, and whoever catches a Failure, need no NumPy
    import numpy as np
    from numpy.typing import NDArray

Pixels: TypeAlias = "NDArray[np.uint8]"
"""A picture, uint8 RGB (height, width, 3), or several of the same size, (n, height, width, 3)."""
Vectors: TypeAlias = "NDArray[np.float32]"
"""Unit vectors, float32 (n, dimension)."""

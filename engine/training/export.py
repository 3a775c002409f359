"""Export of a trained network as LiteRT weights.

The converter is part of TensorFlow. A network trained on another backend is converted in a fresh process:
``python -m niteru.engine.training.export MODULE:FUNCTION TRAINING_FOLDER WEIGHTS TYPE``.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import keras

from niteru.engine.failure import Failure


class ExportFailed(Failure):
    """The exported network does not give the vectors of the trained one."""


Type = Literal["float32", "float16", "int8"]


def convert(build: Callable[[Path], keras.Model], training: Path, weights: Path, kind: Type) -> None:
    """Convert the network of a training folder to LiteRT.

    Args:
        build: function of a module that makes the network to convert, of fixed input shape, from the folder.
        training: folder of a :class:`~niteru.engine.training.loop.Loop`.
        weights: path of the ``.tflite`` file to write.
        kind: type of the weights. With ``int8`` the values between layers become integers, too, scaled by their range
            in each picture ("dynamic range"): three times as fast on processors that support it.
    """
    weights.parent.mkdir(parents=True, exist_ok=True)
    if keras.backend.backend() != "tensorflow":
        name = f"{build.__module__}:{build.__name__}"
        command = [sys.executable, "-m", "niteru.engine.training.export", name, str(training), str(weights), kind]
        subprocess.run(command, check=True, env={**os.environ, "KERAS_BACKEND": "tensorflow"})
        return
    import tensorflow as tf

    options: dict[str, Any] = {} if kind == "float32" else {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if kind == "float16":
        options["target_spec"] = {"supported_types": [tf.float16]}
    build(training).export(str(weights), format="litert", verbose=False, **options)


def check_size(weights: Path, parameters: int, most: int) -> None:
    """Compare a file's size with the number of parameters, at least a byte each: a converter once wrote none of them.

    Raises:
        ExportFailed: the file is too small to hold them, or larger than ``most`` bytes.
    """
    size, floor = weights.stat().st_size, parameters
    if not floor <= size <= most:
        raise ExportFailed(f"{weights.name} has {size} bytes; between {floor} and {most} were expected")


if __name__ == "__main__":
    module, function = sys.argv[1].split(":")
    build = getattr(importlib.import_module(module), function)
    convert(build, Path(sys.argv[2]), Path(sys.argv[3]), cast(Type, sys.argv[4]))

"""A network in a ``.tflite`` file, run by LiteRT on one thread."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.networks.runtimes import Floats

_LOADING = threading.Lock()  # standard error is redirected for the whole process
_GREETING = b"INFO: Created TensorFlow Lite XNNPACK delegate"


class Network:
    """A network that takes batches of any size its file allows; safe to share between threads.

    Attributes:
        input_shape: the input's shape in the file, with -1 where any size is accepted.
    """

    def __init__(self, weights: Path) -> None:
        """Load the file.

        Raises:
            ModelUnusable: if LiteRT cannot open it, or it takes anything but one input of float32.
        """
        try:
            with _without_greeting():
                self._interpreter = Interpreter(model_path=str(weights), num_threads=1)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelUnusable(f"{weights}: LiteRT cannot open it ({error})") from None
        details, *others = self._interpreter.get_input_details()
        if others or details["dtype"] is not np.float32:
            raise ModelUnusable(f"{weights} must take one input of float32 and nothing else")
        self._input = details["index"]
        self.input_shape = tuple(details["shape_signature"].tolist())
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]
        self._shape: tuple[int, ...] = tuple(details["shape"].tolist())
        self._lock = threading.Lock()  # an interpreter has one set of buffers

    def __call__(self, batch: Floats) -> list[Floats]:
        """Run the network; its outputs are float32, in the file's order."""
        with self._lock:
            if batch.shape != self._shape:
                self._interpreter.resize_tensor_input(self._input, batch.shape)
                self._interpreter.allocate_tensors()
                self._shape = batch.shape
            self._interpreter.set_tensor(self._input, batch)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(output) for output in self._outputs]


@contextlib.contextmanager
def _without_greeting() -> Iterator[None]:
    """Drop the line that LiteRT writes to standard error in every process; no setting silences it."""
    with _LOADING, tempfile.TemporaryFile() as captured:
        try:
            stderr = os.dup(2)
        except OSError:  # the process has no standard error
            yield
            return
        os.dup2(captured.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            captured.seek(0)
            lines = [line for line in captured if not line.startswith(_GREETING)]
            with contextlib.suppress(OSError):
                os.write(2, b"".join(lines))

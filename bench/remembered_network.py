"""A network that runs once for each input, for programs that embed the same few drawn faces thousands of times."""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np

from niteru.engine.embedding import embedder
from niteru.engine.networks.network import open_network
from niteru.engine.networks.runtimes import Floats


class RememberedNetwork:
    """A network whose outputs are kept by the bytes of its input.

    Attributes:
        input_shape: the input's shape in the file, with -1 where any size is accepted.
    """

    def __init__(self, weights: Path) -> None:
        self._network = open_network(weights)
        self.input_shape = self._network.input_shape
        self._outputs: dict[bytes, list[Floats]] = {}

    def __call__(self, batch: Floats) -> list[Floats]:
        """Run the network on the faces that it has not seen; outputs are in the file's order."""
        rows = [self._outputs_of(face[np.newaxis]) for face in batch]
        return [np.concatenate(parts) for parts in zip(*rows, strict=True)]

    def _outputs_of(self, face: Floats) -> list[Floats]:
        key = hashlib.sha256(face.data).digest()
        if key not in self._outputs:
            self._outputs[key] = self._network(face)
        return self._outputs[key]


@contextlib.contextmanager
def remembered_networks() -> Iterator[None]:
    """Let every embedder of this process share networks that remember; the files themselves are still checked."""
    with patch.object(embedder, "open_network", functools.cache(RememberedNetwork)):
        yield

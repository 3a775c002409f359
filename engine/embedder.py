"""Crops → unit vectors, by a model folder through LiteRT."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.alignment import CROP_SIZE
from engine.litert import Network
from engine.model_folder import MODELS, ModelFolder, checked_weights, read_info
from engine.photo import Pixels
from engine.window import central_window

DEFAULT_MODEL = "niteru-v1"
PREPROCESSING = 1
"""Version of what happens between an aligned crop and the network; part of the fingerprint."""

BATCH = 32

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelInfo(ModelFolder):
    """What the ``model.json`` of an embedding says; vectors of two fingerprints never meet.

    Attributes:
        dimension: length of the vectors.
        side: input side of the network in pixels.
        window: side of the central part of the 112-pixel crop that the network sees.
        calibration: similarity reached by different people at a false match rate, ``{"0.001": 0.51, …}``, measured
            on people not trained on.
    """

    dimension: int
    side: int
    window: int
    calibration: dict[str, float]

    @property
    def preprocessing(self) -> str:
        """What happens to an aligned crop before the network."""
        return f"preprocessing {PREPROCESSING} side {self.side} window {self.window}"


class Embedder:
    """Embeds aligned faces; safe to share between threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load a model folder, by default the one shipped with niteru.

        Raises:
            ModelUnusable: if the folder is not a usable model.
        """
        folder = folder or MODELS / DEFAULT_MODEL
        self.info = read_info(folder, ModelInfo)
        self._network = Network(checked_weights(folder, self.info))

    def embed(self, crops: Pixels) -> Vectors:
        """Vectors of aligned faces.

        Args:
            crops: uint8 RGB, shape (n, 112, 112, 3).

        Returns:
            float32 unit vectors, shape (n, dimension).
        """
        parts = [self._invoke(self._input_of(crops[i : i + BATCH])) for i in range(0, len(crops), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, self.info.dimension), np.float32)

    def _input_of(self, crops: Pixels) -> NDArray[np.float32]:
        if crops.shape[1:] != (CROP_SIZE, CROP_SIZE, 3) or crops.dtype != np.uint8:
            raise ValueError(f"crops are uint8 (n, {CROP_SIZE}, {CROP_SIZE}, 3), not {crops.dtype} {crops.shape}")
        windows = [central_window(crop, self.info.side, self.info.window) for crop in crops]
        return np.stack(windows).astype(np.float32)

    def _invoke(self, faces: NDArray[np.float32]) -> Vectors:
        (vectors,) = self._network(faces)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

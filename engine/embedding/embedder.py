"""Aligned crops → unit vectors, with the network of a model folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.window import central_window
from niteru.engine.faces.alignment import CROP_SIZE
from niteru.engine.networks.model_folder import MODELS, ModelFolder, checked_weights, read_info
from niteru.engine.networks.network import open_network

DEFAULT_MODEL = "niteru-v5"
PREPROCESSING = 1
"""Version of the steps between an aligned crop and the network; part of the fingerprint."""


@dataclass(frozen=True, slots=True)
class ModelInfo(ModelFolder):
    """The ``model.json`` of an embedder; vectors of different fingerprints are never compared.

    Attributes:
        dimension: length of the vectors.
        side: input side of the network in pixels.
        window: side of the central part of the 112-pixel crop that the network sees.
        colour: ``rgb`` or ``bgr``, the order the network was trained on.
        values: the network's input values for 0 and 255: ``[0, 255]``, ``[0, 1]`` or ``[-1, 1]``.
        calibration: similarity that different people reach at a false match rate, ``{"0.001": 0.51, …}``, measured
            on people not trained on.
        genuine: similarity that a share of the pairs of one person's photos stays below, ``{"0.5": 0.71, …}``.
        spread: by the blur of a photo, how far what it says of a likeness lies from what all photos of its person say,
            ``{"0.58": 0.08, …}``, see :func:`niteru.engine.evaluation.photo_spread.photo_spread`; empty if unknown.
    """

    dimension: int
    side: int
    window: int
    colour: str
    values: list[float]
    calibration: dict[str, float]
    genuine: dict[str, float]
    spread: dict[str, float] = field(default_factory=dict)

    @property
    def preprocessing(self) -> str:
        """Description of the steps between an aligned crop and the network."""
        low, high = self.values
        how = f"side {self.side} window {self.window} {self.colour} {low:g} to {high:g}"
        return f"preprocessing {PREPROCESSING} {how}"


class Embedder:
    """Turns aligned crops into unit vectors; safe to share between threads.

    Example:
        >>> from niteru.engine.embedding.reference import reference_crops
        >>> crops, people = reference_crops()
        >>> vectors = Embedder().embed(crops[:3])
        >>> vectors.shape
        (3, 128)
        >>> bool(vectors[0] @ vectors[1] > 0.3)  # two pictures of the same drawn person
        True
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Load a model folder, by default niteru's own model.

        Raises:
            ModelUnusable: if the folder is not a usable model.
        """
        folder = folder or MODELS / DEFAULT_MODEL
        self.info = read_info(folder, ModelInfo)
        self._network = open_network(checked_weights(folder, self.info))
        # One face at a time: more at once take no less time a face and more memory, and a vector might depend on the
        # faces beside it. A file with a fixed batch size takes no other: the last batch is padded.
        self._batch = max(self._network.input_shape[0], 1)
        self._planes_first = self._network.input_shape[1] == 3

    def embed(self, crops: Pixels) -> Vectors:
        """Embed aligned crops.

        Args:
            crops: uint8 RGB, shape (n, 112, 112, 3).

        Returns:
            float32 unit vectors, shape (n, dimension).
        """
        starts = range(0, len(crops), self._batch)
        parts = [self._invoke(self._input_of(crops[i : i + self._batch])) for i in starts]
        return np.concatenate(parts) if parts else np.empty((0, self.info.dimension), np.float32)

    def _input_of(self, crops: Pixels) -> NDArray[np.float32]:
        if crops.shape[1:] != (CROP_SIZE, CROP_SIZE, 3) or crops.dtype != np.uint8:
            raise ValueError(f"crops are uint8 (n, {CROP_SIZE}, {CROP_SIZE}, 3), not {crops.dtype} {crops.shape}")
        info = self.info
        windows = np.stack([central_window(crop, info.side, info.window) for crop in crops])
        if info.colour == "bgr":
            windows = windows[..., ::-1]
        low, high = info.values
        faces = windows.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)
        return np.ascontiguousarray(faces.transpose(0, 3, 1, 2) if self._planes_first else faces)

    def _invoke(self, faces: NDArray[np.float32]) -> Vectors:
        count = len(faces)
        if count < self._batch:
            faces = np.concatenate([faces, np.repeat(faces[-1:], self._batch - count, axis=0)])
        vectors = self._network(faces)[0][:count]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)

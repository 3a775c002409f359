"""Crops → unit vectors, by a model folder through LiteRT."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from engine.alignment import CROP_SIZE
from engine.photo import Pixels
from engine.window import central_window

MODELS = Path(__file__).parent / "models"
DEFAULT_MODEL = "niteru-v1"
PREPROCESSING = 1
"""Version of what happens between an aligned crop and the network; part of the fingerprint."""

BATCH = 32

Vectors = NDArray[np.float32]


class ModelUnusable(Exception):
    """A model folder that is missing, incomplete or damaged."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What ``model.json`` says.

    Attributes:
        name: of the model.
        dimension: length of the vectors.
        side: input side of the network in pixels.
        window: side of the central part of the 112-pixel crop that the network sees.
        fingerprint: of weights and preprocessing; vectors of two fingerprints never meet.
        licence: terms of the weights.
        training_data: what they were trained on.
        calibration: similarity reached by different people at a false match rate, ``{"0.001": 0.51, …}``, measured
            on people not trained on.
    """

    name: str
    dimension: int
    side: int
    window: int
    fingerprint: str
    licence: str
    training_data: list[str]
    calibration: dict[str, float]

    @property
    def id(self) -> str:
        """Name and fingerprint: what vectors, indexes and answers say they were made with."""
        return f"{self.name}:{self.fingerprint[:16]}"


class Embedder:
    """Embeds aligned faces; safe to share between threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load a model folder, by default the one shipped with niteru.

        Raises:
            ModelUnusable: if the folder is not a usable model.
        """
        folder = folder or MODELS / DEFAULT_MODEL
        self.info = read_info(folder)
        weights = folder / "model.tflite"
        if fingerprint(weights, self.info.side, self.info.window) != self.info.fingerprint:
            raise ModelUnusable(f"{weights} is not the file model.json speaks of: copy the model folder again")
        self._interpreter = Interpreter(model_path=str(weights), num_threads=1)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._batch = 0
        self._lock = threading.Lock()  # an interpreter has one set of buffers

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
        with self._lock:
            if len(faces) != self._batch:
                self._interpreter.resize_tensor_input(self._input, faces.shape)
                self._interpreter.allocate_tensors()
                self._batch = len(faces)
            self._interpreter.set_tensor(self._input, faces)
            self._interpreter.invoke()
            vectors: Vectors = self._interpreter.get_tensor(self._output)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def read_info(folder: Path) -> ModelInfo:
    """Read ``model.json``.

    Raises:
        ModelUnusable: if it is missing or does not say all it must.
    """
    try:
        said = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        return ModelInfo(**{name: said[name] for name in ModelInfo.__slots__})
    except OSError as error:
        raise ModelUnusable(f"{folder}: no model here ({error.strerror})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnusable(f"{folder}/model.json is not a model description: {error}") from None


def fingerprint(weights: Path, side: int, window: int) -> str:
    """Hex sha256 of the weights and of all that happens to a crop before them.

    Raises:
        ModelUnusable: if the weights cannot be read.
    """
    try:
        digest = hashlib.sha256(weights.read_bytes())
    except OSError as error:
        raise ModelUnusable(f"{weights}: {error.strerror}") from None
    digest.update(f"preprocessing {PREPROCESSING} side {side} window {window}".encode())
    return digest.hexdigest()

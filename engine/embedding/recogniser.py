"""A detector and an embedder: what turns photos into vectors of faces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import Detector, load_detector
from niteru.engine.faces.extraction import DetectedFace, faces_in


@dataclass(frozen=True, eq=False)
class Recogniser:
    """A detector and an embedder; safe to share between threads.

    Example:
        >>> from niteru.engine.drawn import draw, person
        >>> recogniser = Recogniser.load()
        >>> faces = recogniser.faces(draw(person(0), 0).image)
        >>> recogniser.vectors(faces).shape
        (1, 128)
    """

    detector: Detector
    embedder: Embedder

    @classmethod
    def load(cls, model: Path | None = None) -> Self:
        """The installed detector and a model folder's embedder; niteru's own model by default.

        Raises:
            ModelUnusable: a model is missing or damaged.
        """
        return cls(load_detector(), Embedder(model))

    def faces(self, image: Pixels) -> list[DetectedFace]:
        """The faces in an upright picture, the largest first; an empty list if there are none."""
        return faces_in(image, self.detector)

    def vectors(self, faces: list[DetectedFace]) -> Vectors:
        """A unit vector for each of one or more faces."""
        return self.embedder.embed(np.stack([face.crop for face in faces]))

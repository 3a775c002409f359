"""Photos → faces → vectors, in one object."""

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
        """Load niteru's detector and the embedder of a model folder, by default niteru's own.

        Raises:
            ModelUnusable: one of the two models is missing or damaged.
        """
        return cls(load_detector(), Embedder(model))

    def faces(self, image: Pixels) -> list[DetectedFace]:
        """Find the faces in an upright picture, the largest first."""
        return faces_in(image, self.detector)

    def vectors(self, faces: list[DetectedFace]) -> Vectors:
        """Embed one or more faces, a unit vector each."""
        return self.embedder.embed(np.stack([face.crop for face in faces]))

"""Failures of questions about photos, people and faces that the gallery does not have."""

from __future__ import annotations

from niteru.engine.failure import Failure


class ImageNotFound(Failure):
    """No photo or face of the gallery has this reference."""


class PersonNotFound(Failure):
    """Nobody in the gallery has this name."""


class PersonWithoutFace(Failure):
    """A person is known, but none of their photos shows a face that is in the index."""


class FaceNotFound(Failure):
    """No face of the gallery has this id."""

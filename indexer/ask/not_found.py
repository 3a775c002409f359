"""What is asked about and is not in the gallery."""

from __future__ import annotations

from niteru.engine.failure import Failure


class ImageNotFound(Failure):
    """A reference names no photo or face of the gallery."""


class PersonNotFound(Failure):
    """Nobody in the gallery has that name."""


class FaceNotFound(Failure):
    """No face of the gallery has that number."""

"""What an asker can be told went wrong: one small class per failure, with the status it has over HTTP."""

from __future__ import annotations

from typing import ClassVar

from niteru.engine.failure import Failure


class Problem(Failure):
    """Something the asker can be told."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong here"
    retry_after: ClassVar[int | None] = None

    def __str__(self) -> str:
        """Title and detail: what the command line shows."""
        return f"{self.title}. {super().__str__()}"

    @property
    def detail(self) -> str:
        """What this case is about."""
        return super().__str__()


class MissingImage(Problem):
    """No photo in the question."""

    status, type, title = 400, "missing-image", "No image given"


class BadParameter(Problem):
    """A parameter that is not what it should be."""

    status, type, title = 400, "bad-parameter", "A parameter is wrong"


class Unauthorised(Problem):
    """The key is missing or wrong."""

    status, type, title = 401, "unauthorised", "This needs the key"


class RateLimited(Problem):
    """Too many requests from one address."""

    status, type, title, retry_after = 429, "rate-limited", "Too many requests", 60


class ImageNotFound(Problem):
    """REF names nothing in the gallery."""

    status, type, title = 404, "image-not-found", "No such image in the gallery"


class PersonNotFound(Problem):
    """Nobody of that name."""

    status, type, title = 404, "person-not-found", "No such person in the gallery"


class FaceNotFound(Problem):
    """No face with that id."""

    status, type, title = 404, "face-not-found", "No such face in the gallery"


class NoFaceFound(Problem):
    """The photo is fine and shows no face."""

    status, type, title = 422, "no-face", "No face in the picture"


class FaceTooSmall(Problem):
    """The face has too few pixels to be compared."""

    status, type, title = 422, "face-too-small", "The face is too small"


class NotReady(Problem):
    """Nothing to search yet."""

    status, type, title, retry_after = 503, "not-ready", "The gallery is not ready", 10


class IndexMismatch(Problem):
    """The model of the index is not here, or answers otherwise here."""

    status, type, title, retry_after = 503, "index-mismatch", "The index and the model do not match", 60


class Busy(Problem):
    """Somebody else is writing to the gallery."""

    status, type, title, retry_after = 503, "gallery-busy", "The gallery is being written to", 30

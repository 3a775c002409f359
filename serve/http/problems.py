"""What can be wrong with a request, beside what the rooms below say of photos, people and galleries."""

from __future__ import annotations

from niteru.engine.failure import Failure


class MissingImage(Failure):
    """A question comes without a photo."""


class BadParameter(Failure):
    """A parameter is not what it should be."""


class Unauthorised(Failure):
    """The key is missing or wrong."""


class RateLimited(Failure):
    """One address sends too many requests."""

"""Failures of a request itself; those of photos, people and galleries are raised where they are found."""

from __future__ import annotations

from niteru.engine.failure import Failure


class MissingImage(Failure):
    """The request has no image."""


class BadParameter(Failure):
    """A parameter is unknown, repeated or out of range."""


class Unauthorised(Failure):
    """The key is missing or wrong."""


class RightMissing(Failure):
    """The key does not have the right that the request takes."""


class WrongCode(Failure):
    """The booth's code is missing or wrong."""


class RateLimited(Failure):
    """One address has sent too many requests."""

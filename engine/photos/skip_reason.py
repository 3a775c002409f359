"""Reasons why photos are skipped, the same in summaries, in the catalogue and over HTTP."""

from __future__ import annotations

from enum import StrEnum


class SkipReason(StrEnum):
    """Reason why a photo is skipped, in a stable spelling for programs.

    Example:
        >>> SkipReason("no-face") is SkipReason.NO_FACE
        True
        >>> f"party.jpg: {SkipReason.NO_FACE}"
        'party.jpg: no-face'
    """

    UNREADABLE = "unreadable"
    EMPTY_FILE = "empty-file"
    TOO_LARGE = "too-large"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_COMPLEX = "too-complex"
    TOO_FEW_PIXELS = "too-few-pixels"
    UNSUPPORTED_TYPE = "unsupported-type"
    CORRUPT_IMAGE = "corrupt-image"
    CORRUPT_VIDEO = "corrupt-video"
    NO_FACE = "no-face"
    BAD_NAME = "bad-name"
    FORGOTTEN = "forgotten"
    FAILED = "failed"
    """An error in niteru itself; the log describes it."""

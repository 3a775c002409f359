"""Failures that a person can mend."""

from __future__ import annotations


class Failure(Exception):
    """What is wrong and the next step, in its message; a command prints that and no trace. All else is a bug."""

"""This tree beside the last release: core-seconds of each command, in pairs."""

from __future__ import annotations

from dataclasses import asdict

from bench.beside.context import Bench, Rows
from bench.regression import PAIRS, PEOPLE, PHOTOS
from bench.regression import measure as compared


def measure(_: Bench) -> Rows:
    """Install both, and let them do the same work on the same drawn people."""
    return {one.work: asdict(one) | {"dearer": one.dearer} for one in compared(PEOPLE, PHOTOS, PAIRS)}

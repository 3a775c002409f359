"""Fixtures for the tests of training."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.graphs import no_graphs


@pytest.fixture
def without_graphs() -> Iterator[None]:
    """Training of a few steps, in a few seconds."""
    with no_graphs():
        yield

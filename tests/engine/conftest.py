"""Fixtures for the tests of training."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def without_graphs() -> Iterator[None]:
    """TensorFlow that computes step by step: a graph takes as long to build as a hundred small steps take to run."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)

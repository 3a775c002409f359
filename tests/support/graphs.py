"""Training without TensorFlow's graphs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_graphs() -> Iterator[None]:
    """Have TensorFlow compute step by step: a graph takes as long to build as a hundred small steps take to run."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)

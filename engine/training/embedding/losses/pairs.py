"""Masks of the pairs of a batch that show the same person."""

from __future__ import annotations

from typing import Any

from keras import ops


def pair_masks(labels: Any) -> tuple[Any, Any]:
    """Find the genuine and impostor pairs of a batch.

    Args:
        labels: number of each row's person, shape (batch,) or (batch, 1).

    Returns:
        Two float32 masks of shape (batch, batch): 1 where two *different* rows show the same person, and 1 where
        they show different people.

    Example:
        >>> genuine, impostor = pair_masks([7, 7, 3])
        >>> ops.convert_to_numpy(genuine).astype(int).tolist()
        [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    labels = ops.reshape(labels, (-1, 1))
    same = ops.cast(ops.equal(labels, ops.transpose(labels)), "float32")
    itself = ops.eye(ops.shape(labels)[0], dtype="float32")
    return same - itself, 1.0 - same


def mean_over(values: Any, mask: Any) -> Any:
    """Mean of the masked values; 0 if the mask is empty."""
    return ops.sum(values * mask) / ops.maximum(ops.sum(mask), 1.0)

"""Vectors of another network, to learn from beside the labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def load_teacher(root: Path, refs: list[str]) -> NDArray[np.float32] | None:
    """The teacher's vectors of some photos, centred and of unit length.

    They stand in a ``teacher*.npz`` in ``root`` or beside it, with the arrays ``path`` (n, relative to the file's own
    folder) and ``vector`` (n, d). Centring takes out what all faces share for the teacher, so that cosines spread.

    Args:
        root: folder of the photos.
        refs: paths of the photos below ``root``.

    Returns:
        float32 of shape (len(refs), d), zeros where the teacher says nothing; None if there is no such file.
    """
    files = [file for folder in (root, root.parent) for file in sorted(folder.glob("teacher*.npz"))]
    if not files:
        return None
    with np.load(files[0]) as archive:
        paths, vectors = archive["path"], archive["vector"].astype(np.float32)
    vectors -= vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    base = files[0].parent.resolve()
    rows = {base / path: row for row, path in enumerate(paths)}
    found = np.zeros((len(refs), vectors.shape[1]), np.float32)
    for i, ref in enumerate(refs):
        row = rows.get(root.resolve() / ref)
        if row is not None:
            found[i] = vectors[row]
    return found

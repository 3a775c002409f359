"""Vectors of another network, to learn from beside the labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.crop_set import CropSet
from engine.progress import progress_bar
from engine.training.embedding.dlib_network import DlibNetwork, centred

BLOCK = 64


def write_teacher(faces: CropSet, root: Path, file: Path) -> None:
    """Let dlib's network look at every face, and keep its vectors for :func:`load_teacher`.

    Args:
        faces: crops of the photos below ``root``.
        root: their folder.
        file: ``teacher-….npz`` in ``root`` or beside it; float16, for they are only learnt from.

    Raises:
        ModuleNotFoundError: without the ``train`` extra.
    """
    network = DlibNetwork()
    vectors = np.empty((len(faces.refs), 128), np.float16)
    with progress_bar("teacher", len(faces.refs), "face") as bar:
        for start in range(0, len(faces.refs), BLOCK):
            found = network.embed(faces.crops[start : start + BLOCK])
            vectors[start : start + BLOCK] = found
            bar.update(len(found))
    base = file.parent.resolve()
    paths = [(root.resolve() / ref).relative_to(base).as_posix() for ref in faces.refs]
    aside = file.with_name(f"writing-{file.name}")
    np.savez_compressed(aside, path=paths, vector=vectors)
    aside.replace(file)


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
    vectors = centred(vectors)
    base = files[0].parent.resolve()
    rows = {base / path: row for row, path in enumerate(paths)}
    found = np.zeros((len(refs), vectors.shape[1]), np.float32)
    for i, ref in enumerate(refs):
        row = rows.get(root.resolve() / ref)
        if row is not None:
            found[i] = vectors[row]
    return found

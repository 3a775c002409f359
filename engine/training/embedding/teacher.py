"""Vectors of another network, to learn from beside the labels."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.crop_set import CropSet
from engine.failure import Failure
from engine.progress import progress_bar
from engine.training.embedding.dlib_network import DlibNetwork, centred
from engine.training.embedding.network import DIMENSION

log = logging.getLogger("niteru.training")
BLOCK = 64


class TeacherUnusable(Failure):
    """A file of vectors that cannot be learnt from."""


def write_teacher(faces: CropSet, root: Path, file: Path) -> None:
    """Let dlib's network look at every face, and keep its vectors for :func:`load_teacher`.

    Args:
        faces: crops of the photos below ``root``.
        root: their folder.
        file: ``teacher-….npz`` in ``root`` or beside it; float16, for they are only learnt from.

    Raises:
        ModuleNotFoundError: without the ``train`` extra.
    """
    base = file.parent.resolve()
    places = [(root.resolve() / ref).resolve() for ref in faces.refs]
    paths = [place.relative_to(base).as_posix() if place.is_relative_to(base) else str(place) for place in places]
    network = DlibNetwork()
    vectors = np.empty((len(faces.refs), 128), np.float16)
    with progress_bar("teacher", len(faces.refs), "face") as bar:
        for start in range(0, len(faces.refs), BLOCK):
            found = network.embed(faces.crops[start : start + BLOCK])
            vectors[start : start + BLOCK] = found
            bar.update(len(found))
    aside = file.with_name(f"writing-{file.name}")
    np.savez_compressed(aside, path=paths, vector=vectors)
    aside.replace(file)


def load_teacher(root: Path, refs: list[str]) -> NDArray[np.float32] | None:
    """The teacher's vectors of some photos, centred and of unit length.

    They stand in a ``teacher*.npz`` in ``root`` or beside it, with the arrays ``path`` (n, relative to the file's own
    folder) and ``vector`` (n, d). Centring takes out what all faces share for the teacher, so that cosines spread.

    Args:
        root: folder of the photos, or their table.
        refs: paths of the photos below ``root``.

    Returns:
        float32 of shape (len(refs), 128), zeros where the teacher says nothing; None if there is no such file, or it
        knows none of the photos.

    Raises:
        TeacherUnusable: the file holds vectors of another length.
    """
    home = root if root.is_dir() else root.parent
    files = [file for folder in (home, home.parent) for file in sorted(folder.glob("teacher*.npz"))]
    if not files:
        return None
    with np.load(files[0]) as archive:
        paths, vectors = archive["path"], archive["vector"].astype(np.float32)
    if vectors.ndim != 2 or vectors.shape[1] != DIMENSION:
        raise TeacherUnusable(f"{files[0]} holds vectors of shape {vectors.shape}; (n, {DIMENSION}) is needed")
    vectors = centred(vectors)
    base = files[0].parent.resolve()
    rows = {base / path: row for row, path in enumerate(paths)}
    known = [rows.get(home.resolve() / ref, -1) for ref in refs]
    taught = np.array(known) >= 0
    log.info("teacher %s: vectors of %d of %d faces", files[0], taught.sum(), len(refs))
    found = np.zeros((len(refs), DIMENSION), np.float32)
    found[taught] = vectors[np.array(known)[taught]]
    return found if taught.any() else None

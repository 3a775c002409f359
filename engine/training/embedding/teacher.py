"""Distillation: vectors of other networks, to learn from in addition to the labels.

A file holds one model's vectors of many faces; a folder of such files is a teacher. Faces are identified by their
pixels and not by their paths, so that files survive moved folders, and vectors of other crops are never mistaken for
those of these.
"""

from __future__ import annotations

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.failure import Failure
from niteru.engine.training.embedding.network import MEAN_OFF
from niteru.engine.work.arrays import read_arrays
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.usable_cores import usable_cores
from niteru.engine.work.write_atomically import write_atomically

log = logging.getLogger("niteru.training")
BLOCK = 64
SAVE_EVERY = 4096
"""Faces between two saves, the most that an interruption can cost."""
FITTING = 0.9
"""Share of the faces to learn from that a teacher must have seen."""
_MARK = 16
"""Bytes of the hash that identifies a face."""


class TeacherUnusable(Failure):
    """The teacher's vectors are missing, or belong to another model or to other crops."""


def write_teacher(model: Path, crops: Pixels, file: Path) -> int:
    """Embed every face and its mirror image with a model, and write the vectors for :func:`load_teacher`.

    Vectors that the file holds already are not computed again: an interrupted run is resumed, and new faces are added.

    Args:
        model: folder of a model.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        file: path of the ``.npz`` file, in which float16 suffices.

    Returns:
        The number of new faces.

    Raises:
        ModelUnusable: the folder is not a usable model.
        TeacherUnusable: the file holds vectors of another model.
    """
    embed = _MirrorAverage(model)
    known = _read(file) if file.exists() else {}
    if known and (other := _model_of(file)) != embed.model:
        raise TeacherUnusable(f"{file} holds vectors of {other}, not of {embed.model}: move it away first")
    marks = marks_of(crops)
    new = [row for row, mark in enumerate(marks) if mark not in known]
    blocks = [new[start : start + BLOCK] for start in range(0, len(new), BLOCK)]
    with ThreadPoolExecutor(usable_cores()) as threads, progress_bar(embed.model, len(new), "face") as bar:
        for begin in range(0, len(blocks), SAVE_EVERY // BLOCK):
            part = blocks[begin : begin + SAVE_EVERY // BLOCK]
            for rows, vectors in zip(part, threads.map(embed, (crops[rows] for rows in part)), strict=True):
                known.update(zip((marks[row] for row in rows), vectors, strict=True))
                bar.update(len(rows))
            _save(file, embed.model, known)
    return len(new)


def load_teacher(folder: Path, crops: Pixels, dimension: int) -> Vectors:
    """Combine the vectors of all models in a folder into one set of vectors with the student's dimension.

    From each model's vectors :data:`MEAN_OFF` of their mean is subtracted, as it is from the student's. Those of
    several models are joined end to end; all are reduced to their principal axes among these faces.

    Args:
        folder: folder of files from :func:`write_teacher`, all of which are used.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        dimension: length of the student's vectors.

    Returns:
        float32 unit vectors, shape (n, dimension); zeros for the few faces that a file may lack.

    Raises:
        TeacherUnusable: there are no files, or they belong to other crops.
    """
    files = _files_in(folder)
    if not files:
        raise TeacherUnusable(f"{folder} holds no vectors: niteru teach FACES --model NAME --out {folder}")
    marks = marks_of(crops)
    parts = [_rows(file, marks) for file in files]
    seen = np.all([found.any(axis=1) for found in parts], axis=0)
    joined = np.concatenate([_centred(found, seen) for found in parts], axis=1)
    reduced = _reduced(joined, seen, dimension)
    log.info("taught by %s: %d of %d faces", ", ".join(map(_model_of, files)), seen.sum(), len(seen))
    return reduced


def models_of(folder: Path) -> list[str]:
    """Ids of the models whose vectors a folder holds."""
    return [_model_of(file) for file in _files_in(folder)]


def marks_of(crops: Pixels) -> list[bytes]:
    """Hash of each face's pixels."""
    return [hashlib.blake2b(np.ascontiguousarray(crop).data, digest_size=_MARK).digest() for crop in crops]


class _MirrorAverage:
    """Vectors of faces averaged with those of their mirror images, with an embedder for each thread."""

    def __init__(self, model: Path) -> None:
        self._folder, self._here = model, local()
        self.model = Embedder(model).info.id

    def __call__(self, crops: Pixels) -> Vectors:
        if not hasattr(self._here, "embedder"):
            self._here.embedder = Embedder(self._folder)
        embed = self._here.embedder.embed
        return _unit(embed(crops) + embed(crops[:, :, ::-1]))


def _files_in(folder: Path) -> list[Path]:
    # A file that begins with a dot is still being written.
    return sorted(folder.glob("[!.]*.npz"))


def _read(file: Path) -> dict[bytes, Vectors]:
    try:
        archive = read_arrays(file)
        marks, vectors = archive["mark"], archive["vector"]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise TeacherUnusable(f"{file} is not a file of niteru teach ({error})") from None
    if marks.shape != (len(vectors), _MARK) or vectors.ndim != 2:
        raise TeacherUnusable(f"{file} is not a file of niteru teach: marks {marks.shape}, vectors {vectors.shape}")
    return dict(zip((mark.tobytes() for mark in marks), vectors, strict=True))


def _model_of(file: Path) -> str:
    with np.load(file, allow_pickle=False) as archive:  # the name alone, not all vectors
        return str(archive["model"])


def _save(file: Path, model: str, known: dict[bytes, Vectors]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    marks = np.frombuffer(b"".join(known), np.uint8).reshape(-1, _MARK)
    with write_atomically(file) as aside:
        np.savez(aside, mark=marks, vector=np.stack(list(known.values())).astype(np.float16), model=model)


def _rows(file: Path, marks: list[bytes]) -> Vectors:
    """Vectors in a file of the faces with these marks; zeros for those it lacks."""
    known = _read(file)
    length = len(next(iter(known.values()), ()))
    found = np.zeros((len(marks), length), np.float32)
    for row, mark in enumerate(marks):
        if mark in known:
            found[row] = known[mark]
    share = float(found.any(axis=1).mean())
    if share < FITTING:
        raise TeacherUnusable(
            f"{file} has vectors of {share:.0%} of these faces; the others have different pixels, from other photos or "
            "from crops of another size, colour order or detector. "
            f"niteru teach FACES --model {_model_of(file)} adds the missing ones"
        )
    return found


def _centred(vectors: Vectors, seen: NDArray[np.bool_]) -> Vectors:
    return _unit(vectors - MEAN_OFF * vectors[seen].mean(axis=0))


def _reduced(vectors: Vectors, seen: NDArray[np.bool_], dimension: int) -> Vectors:
    # The axes are those of the vectors, not of their differences from their mean: some of the mean is to stay.
    values, axes = np.linalg.eigh((vectors[seen].T @ vectors[seen]).astype(np.float64))
    kept = axes[:, ::-1][:, :dimension].astype(np.float32)
    share = values[-dimension:].sum() / values.sum()
    log.info("%d of %d numbers keep %.1f %% of the lengths", dimension, len(values), 100 * share)
    return np.where(seen[:, None], _unit(vectors @ kept), np.float32(0))


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)

"""The nearest other people of everybody, in blocks that run here, in a pool of processes or on a cluster."""

from __future__ import annotations

import functools
import hashlib
import json
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.write_atomically import write_atomically
from niteru.indexer.ask.persons import Persons, augmented
from niteru.indexer.generations.index import IvfPqIndex
from niteru.indexer.generations.index.faiss_index import faiss

BLOCK = 4_096
"""People whose neighbours are sought at once: what a run that was interrupted loses at most."""
EXACTLY = 200_000
"""Up to so many people everybody is compared with everybody; beyond, through an index."""
LEAST_RECALL = 0.98
_TRIED = 512
_AS_NEAR = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The k nearest other people of each, the most alike first.

    Attributes:
        scores: see :meth:`niteru.indexer.ask.persons.Persons.score`, float32 (p, k).
        rows: int64 (p, k).
        recall: share of the truly nearest that is among them; 1 where everybody was compared.
    """

    scores: NDArray[np.float32]
    rows: NDArray[np.int64]
    recall: float = 1.0

    def of(self, person: int) -> tuple[list[float], list[int]]:
        """Scores and rows of one's nearest."""
        return self.scores[person].tolist(), self.rows[person].tolist()

    def first(self, k: int) -> Neighbours:
        """Only the first k of each."""
        return Neighbours(self.scores[:, :k], self.rows[:, :k], self.recall)


def neighbours(persons: Persons, k: int, work: Path, executor: Executor | None = None) -> Neighbours:
    """The k nearest other people of everybody; exactly, up to 200,000 people.

    Args:
        persons: who is compared.
        k: how many; all others if there are fewer.
        work: a folder that every worker can read and write. It holds the vectors and each block that is done; another
            call with the same people goes on from there.
        executor: where the blocks are computed (a process pool, a Dask cluster); here, on all cores, if None.
    """
    k = max(min(k, len(persons) - 1), 0)
    first, second = augmented(persons)
    work = work / hashlib.sha256(f"{k} {BLOCK} {EXACTLY} ".encode() + first.tobytes()).hexdigest()[:16]
    work.mkdir(parents=True, exist_ok=True)
    for name, vectors in (("first", first), ("second", second)):
        np.save(work / f"{name}.npy", vectors)
    recall = _prepare_index(work, first, second, k) if len(persons) > max(EXACTLY, k + 1) else 1.0
    starts = range(0, len(persons), BLOCK)
    scores, rows = np.empty((len(persons), k), np.float32), np.empty((len(persons), k), np.int64)
    with progress_bar("who looks like whom", len(persons), "person") as bar:
        for start, file in zip(
            starts, (executor.map if executor else map)(functools.partial(_block, work, k), starts), strict=True
        ):
            block = slice(start, start + BLOCK)
            scores[block], rows[block] = _read(file)
            bar.update(len(rows[block]))
    return Neighbours(scores, rows, recall)


def _block(work: Path, k: int, start: int) -> Path:
    """Runs anywhere: the neighbours of a block of people, in a file."""
    file = work / f"{start}.npz"
    try:
        _read(file)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):  # not there, or torn by a power cut
        first, second = (np.load(work / f"{name}.npy", mmap_mode="r") for name in ("first", "second"))
        index = _open_index(work, second.shape[1]) if (work / "index.json").is_file() else None
        scores, rows = nearest(np.asarray(first[start : start + BLOCK]), second, start, k, index)
        with write_atomically(file) as aside:
            np.savez(aside, scores=scores, rows=rows)
    return file


def _read(file: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    with np.load(file) as block:
        return block["scores"], block["rows"]


def nearest(
    queries: Vectors, all_vectors: Vectors, start: int, k: int, index: IvfPqIndex | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Scores and rows, (q, k), of the others nearest to the people of rows ``start`` and on; equal ones by row."""
    if index is None:
        found = faiss.knn(queries, np.asarray(all_vectors), k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    else:
        found = index.search(queries, k + 1)
    scores, rows = found
    own = rows == np.arange(start, start + len(queries))[:, None]
    own[~own.any(axis=1), -1] = True  # a person whom others equal, or a hub, may be further down: leave out the last
    kept = (len(queries), k)
    scores, rows = scores[~own].reshape(kept), rows[~own].reshape(kept)
    order = np.lexsort((rows, -scores))
    return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)


def _prepare_index(work: Path, first: Vectors, second: Vectors, k: int) -> float:
    """Build an index that tries as hard as it must, and keep it beside the vectors; its recall."""
    if (work / "index.json").is_file():
        return float(json.loads((work / "index.json").read_text())["recall"])
    index, recall = IvfPqIndex.build(second), 0.0
    starts = np.linspace(0, max(len(first) - 16, 0), _TRIED // 16).astype(int)
    asked = [(start, first[start : start + 16]) for start in starts.tolist()]
    truly = [nearest(queries, second, start, k)[0][:, -1:] for start, queries in asked]
    for effort in index.EFFORTS:
        index.effort = effort
        reached = [nearest(queries, second, start, k, index)[0] for start, queries in asked]
        recall = float(np.mean([(some >= least - _AS_NEAR).mean() for some, least in zip(reached, truly, strict=True)]))
        if recall >= LEAST_RECALL:
            break
    index.save(work / "index")
    (work / "index.json").write_text(json.dumps({"effort": index.effort, "recall": recall}))
    return recall


def _open_index(work: Path, dimension: int) -> IvfPqIndex:
    index = IvfPqIndex.load(work / "index", dimension)
    index.effort = int(json.loads((work / "index.json").read_text())["effort"])
    return index

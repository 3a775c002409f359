"""Nearest other people of everybody, computed in blocks: here, in a pool of processes or on a cluster."""

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
from niteru.engine.work.arrays import read_array, read_arrays
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.write_atomically import write_atomically
from niteru.indexer.ask.persons import Persons, augmented
from niteru.indexer.generations.index import IvfPqIndex
from niteru.indexer.generations.index.faiss_library import faiss
from niteru.indexer.generations.index.vector_file import map_vectors, write_vectors

BLOCK = 4_096
"""People of one block, which is the most that an interrupted run loses."""
EXACTLY = 200_000
"""People up to whom everybody is compared with everybody; beyond, an index is used."""
LEAST_RECALL = 0.98
_TRIED = 512
_AS_NEAR = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The k nearest other people of each person, the most alike first.

    Attributes:
        scores: see :meth:`niteru.indexer.ask.persons.Persons.score`, float32 (p, k).
        rows: of those people, int64 (p, k); -1 where there are no more.
        recall: share of the truly nearest that was found; 1 where everybody was compared.
    """

    scores: NDArray[np.float32]
    rows: NDArray[np.int64]
    recall: float = 1.0

    def of(self, person: int) -> tuple[list[float], list[int]]:
        """Scores and rows of one person's neighbours."""
        there = self.rows[person] >= 0
        return self.scores[person][there].tolist(), self.rows[person][there].tolist()

    def pairs(self) -> NDArray[np.int64]:
        """Rows of all neighbours, each pair once, as its first person has it; int64 (m, 2), sorted by that."""
        one, rank = np.nonzero(self.rows >= 0)
        other = self.rows[one, rank]
        known = np.isin(other * len(self.rows) + one, one * len(self.rows) + other)  # from the other side, too
        return np.column_stack([one, other])[(other > one) | ~known]

    def first(self, k: int) -> Neighbours:
        """The first k neighbours of each person."""
        return Neighbours(self.scores[:, :k], self.rows[:, :k], self.recall)


def neighbours(persons: Persons, k: int, work: Path, executor: Executor | None = None) -> Neighbours:
    """Find the k nearest other people of everybody; exactly, up to 200,000 people.

    Args:
        persons: the people to compare.
        k: number of neighbours; all others if there are fewer.
        work: a folder that every worker can read and write. It holds the vectors and each finished block; another call
            with the same people goes on from there.
        executor: of the blocks (a process pool, a Dask cluster); None computes them here, on all cores.

    Example:
        >>> from niteru.indexer.ask.persons import assemble
        >>> vectors = np.float32([[1, 0], [0.8, 0.6], [0, 1]])
        >>> people = assemble(np.arange(3), ["Ada", "Bo", "Cy"], np.arange(4), np.arange(3), vectors)
        >>> scores, rows = neighbours(people, k=1, work=Path("work")).of(0)
        >>> people.names[rows[0]], round(scores[0], 3)
        ('Bo', 0.8)
    """
    k = max(min(k, len(persons) - 1), 0)
    first, second = augmented(persons)
    work = work / hashlib.sha256(f"{k} {BLOCK} {EXACTLY} ".encode() + first.tobytes()).hexdigest()[:16]
    work.mkdir(parents=True, exist_ok=True)
    np.save(work / "first.npy", first)
    write_vectors(work / "second", len(second), second.shape[1], [second])
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
    """Compute the neighbours of a block of people into a file, unless it is there; runs on any worker."""
    file = work / f"{start}.npz"
    try:
        _read(file)
    except (OSError, ValueError, KeyError, BadZipFile):  # missing, or torn by a power cut
        first, second = read_array(work / "first.npy", mapped=True), map_vectors(work / "second")
        index = _open_index(work, second) if (work / "index.json").is_file() else None
        scores, rows = nearest(np.asarray(first[start : start + BLOCK]), second, start, k, index)
        with write_atomically(file) as aside:
            np.savez(aside, scores=scores, rows=rows)
    return file


def _read(file: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    block = read_arrays(file)
    return block["scores"], block["rows"]


def nearest(
    queries: Vectors, all_vectors: Vectors, start: int, k: int, index: IvfPqIndex | None = None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Scores and rows, (q, k), of the others nearest to the people from row ``start`` on; ties sorted by row."""
    if index is None:
        found = faiss.knn(queries, np.asarray(all_vectors), k + 1, metric=faiss.METRIC_INNER_PRODUCT)
    else:
        found = index.search(queries, k + 1)
    scores, rows = found
    own = rows == np.arange(start, start + len(queries))[:, None]
    own[~own.any(axis=1), -1] = True  # oneself may be further down, behind equals and hubs: drop the last
    kept = (len(queries), k)
    scores, rows = scores[~own].reshape(kept), rows[~own].reshape(kept)
    order = np.lexsort((rows, -scores))
    return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)


def _prepare_index(work: Path, first: Vectors, second: Vectors, k: int) -> float:
    """Build an index with the least effort that reaches enough recall, beside the vectors; its recall."""
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


def _open_index(work: Path, second: Vectors) -> IvfPqIndex:
    index = IvfPqIndex.load(work / "index", second)
    index.effort = int(json.loads((work / "index.json").read_text())["effort"])
    return index

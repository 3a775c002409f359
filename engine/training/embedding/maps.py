"""Outputs of a network's frozen lower part for every face, computed once.

A layer that does not learn has the same output for the same picture in every epoch. With stored outputs a batch of the
upper part is many times as fast as one of the whole network.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.networks.litert import Network
from niteru.engine.work.map_ahead import map_ahead
from niteru.engine.work.progress import progress_bar
from niteru.engine.work.worker_pool import worker_pool
from niteru.engine.work.write_atomically import write_atomically

BLOCK = 256
SAVE_EVERY = 32
"""Blocks between two saves of the progress."""
_BATCH = 32

Maps = NDArray[np.float16]
"""Maps of all faces and then of all their mirror images: (2, faces, height, width, channels)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    weights: Path
    faces: Pixels


def take_maps(folder: Path, weights: Path, crops: Pixels, mark: str) -> Maps:
    """Compute the maps of every face and its mirror image; an interrupted run is resumed.

    Args:
        folder: training folder, which keeps the maps in ``maps.npy`` and their mark and number in ``maps.txt``.
        weights: the lower part as LiteRT weights, from faces in 0–255 (batch, side, side, 3) to maps.
        crops: uint8 RGB, shape (n, side, side, 3).
        mark: identifies these faces and this network, without a space; maps with another mark are replaced.

    Returns:
        All maps, read into memory because a training reads them in random order.
    """
    file, note = folder / "maps.npy", folder / "maps.txt"
    starts = [(mirrored, start) for mirrored in (False, True) for start in range(0, len(crops), BLOCK)]
    stored, _, blocks = note.read_text().partition(" ") if note.exists() else ("", "", "")
    done = int(blocks) if stored == mark else 0
    if done < len(starts):
        one = Network(weights)(np.zeros((1, *crops.shape[1:]), np.float32))[0]
        kept = open_memmap(file, "r+" if done else "w+", np.float16, (2, len(crops), *one.shape[1:]))
        tasks = (_Task(weights, _faces(crops, *place)) for place in starts[done:])
        with worker_pool() as workers, progress_bar("lower layers", len(starts), "block", done) as bar:
            for (mirrored, start), maps in zip(starts[done:], _mapped(workers, tasks), strict=True):
                kept[int(mirrored), start : start + len(maps)] = maps
                done += 1
                bar.update()
                if done % SAVE_EVERY == 0 or done == len(starts):
                    kept.flush()
                    with write_atomically(note) as aside:
                        aside.write_text(f"{mark} {done}")
    return np.load(file)  # type: ignore[no-any-return]


def _faces(crops: Pixels, mirrored: bool, start: int) -> Pixels:
    faces = np.asarray(crops[start : start + BLOCK])
    return faces[:, :, ::-1] if mirrored else faces


def _mapped(workers: Executor, tasks: Iterator[_Task]) -> Iterator[Maps]:
    for _, maps in map_ahead(workers, _maps, tasks, ahead=6):
        yield maps


def _maps(task: _Task) -> Maps:
    network = _network(task.weights)
    faces = task.faces.astype(np.float32)
    parts = [network(faces[i : i + _BATCH])[0] for i in range(0, len(faces), _BATCH)]
    return np.concatenate(parts).astype(np.float16)


_OPENED: dict[Path, Network] = {}


def _network(weights: Path) -> Network:
    if weights not in _OPENED:
        _OPENED[weights] = Network(weights)
    return _OPENED[weights]

"""What the lower part of a network, which stands still, makes of every face: computed once, for several looks at it.

A layer that does not learn gives the same answer to the same picture in every epoch. Keeping its answers to a few
variations of each face makes a batch of the upper part some ten times as fast as one of the whole network.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from engine.extraction import map_ahead
from engine.litert import Network
from engine.photo import Pixels
from engine.progress import progress_bar
from engine.training.embedding.augment import vary

BLOCK = 256
_BATCH = 16
_UNKNOWN = np.ones(1, np.float32)
_REACH = 0.9999
"""Share of a channel's values that lie within the range that is kept; the few beyond are cut off."""


@dataclass(frozen=True, eq=False)
class Looks:
    """Maps of all faces in 8 bits.

    Attributes:
        kept: int8 (looks, faces, height, width, channels), memory-mapped.
        factors: what an 8-bit step of each channel is worth, float32 (channels,).
    """

    kept: NDArray[np.int8]
    factors: NDArray[np.float32]

    def one(self, row: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """The map of one of the looks at a face, float32 (height, width, channels)."""
        look = int(rng.integers(len(self.kept)))
        return np.asarray(self.kept[look, row] * self.factors, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    weights: Path
    crops: Pixels
    alone: NDArray[np.bool_]
    seeds: list[tuple[int, int, int]]
    factors: NDArray[np.float32]


def take_looks(folder: Path, weights: Path, crops: Pixels, alone: NDArray[np.bool_], looks: int, seed: int) -> Looks:
    """Look at every face several times; goes on where an interrupted run stopped.

    Args:
        folder: of the training; holds ``looks.npy`` and ``looks.json``.
        weights: the lower part as LiteRT weights, from faces in 0–255 (batch, side, side, 3) to maps.
        crops: uint8 RGB, shape (n, 112, 112, 3).
        alone: faces that are the only photo of their person, bool (n,).
        looks: variations of each face.
        seed: of the variations.
    """
    starts = [(look, start) for look in range(looks) for start in range(0, len(crops), BLOCK)]
    state = folder / "looks.json"
    done, factors = 0, np.empty(0, np.float32)
    if state.exists():
        said = json.loads(state.read_text())
        done, factors = said["done"], np.array(said["factors"], np.float32)
    else:
        factors = _factors(weights, crops, alone, seed)
    shape = (looks, len(crops), *Network(weights)(np.zeros((1, *crops.shape[1:]), np.float32))[0].shape[1:])
    file = folder / "looks.npy"
    kept = open_memmap(file, "r+") if done else open_memmap(file, "w+", np.int8, shape)
    tasks = (_task(weights, crops, alone, look, start, seed, factors) for look, start in starts[done:])
    workers = ProcessPoolExecutor(os.cpu_count(), get_context("spawn"))
    with workers, progress_bar("looks", len(starts), "block", done) as bar:
        for (look, start), maps in zip(starts[done:], _mapped(workers, tasks), strict=True):
            kept[look, start : start + len(maps)] = maps
            done += 1
            bar.update()
            if done % 32 == 0 or done == len(starts):
                kept.flush()
                aside = state.with_suffix(".tmp")
                aside.write_text(json.dumps({"done": done, "factors": factors.tolist()}))
                aside.replace(state)
    return Looks(np.load(file, mmap_mode="r"), factors)


def _mapped(workers: ProcessPoolExecutor, tasks: Iterator[_Task]) -> Iterator[NDArray[np.int8]]:
    for _, maps in map_ahead(workers, _look, tasks, ahead=6):
        yield maps


def _task(
    weights: Path,
    crops: Pixels,
    alone: NDArray[np.bool_],
    look: int,
    start: int,
    seed: int,
    factors: NDArray[np.float32],
) -> _Task:
    rows = range(start, min(start + BLOCK, len(crops)))
    seeds = [(seed, look, row) for row in rows]
    return _Task(weights, np.asarray(crops[rows.start : rows.stop]), alone[rows.start : rows.stop], seeds, factors)


def _factors(weights: Path, crops: Pixels, alone: NDArray[np.bool_], seed: int) -> NDArray[np.float32]:
    """From some of the faces: how far each channel reaches."""
    rows = np.linspace(0, len(crops) - 1, min(BLOCK, len(crops))).astype(int)
    maps = _maps(_Task(weights, np.asarray(crops[rows]), alone[rows], [(seed, 0, int(row)) for row in rows], _UNKNOWN))
    reach = np.quantile(np.abs(maps), _REACH, axis=(0, 1, 2))
    return np.asarray(np.maximum(reach, 1e-6) / 127, np.float32)


def _look(task: _Task) -> NDArray[np.int8]:
    return np.asarray(np.rint(_maps(task) / task.factors).clip(-127, 127), np.int8)


def _maps(task: _Task) -> NDArray[np.float32]:
    network = _network(task.weights)
    side = network.input_shape[1]
    faces = np.stack(
        [
            vary(crop, side, crop.shape[0], np.random.default_rng(seed), bool(alone))
            for crop, alone, seed in zip(task.crops, task.alone, task.seeds, strict=True)
        ]
    ).astype(np.float32)
    return np.concatenate([network(faces[i : i + _BATCH])[0] for i in range(0, len(faces), _BATCH)])


_OPENED: dict[Path, Network] = {}


def _network(weights: Path) -> Network:
    if weights not in _OPENED:
        _OPENED[weights] = Network(weights)
    return _OPENED[weights]

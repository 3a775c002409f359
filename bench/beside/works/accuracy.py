"""Whom each tool takes for whom: over whole photographs by its own finder, and its network alone on the same crops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.beside.context import Bench, Rows
from bench.beside.works.index import TOOLS, read
from bench.peers import compare
from engine.embedder import Vectors

FALSE_MATCHES = 1e-3


def measure(bench: Bench) -> Rows:
    """Read what the tools' indexes hold; run the networks on crops where there are sets of them."""
    photos = bench.listed()
    people = {photo.ref: photo.person for photo in photos}
    rows: Rows = {}
    for tool in TOOLS:
        refs, vectors = read(bench, tool)
        labels = np.array([people[ref] for ref in refs])
        rows[tool] = {"photos": len(photos), "faces": len(refs), **end_to_end(vectors, labels, list(people.values()))}
    for name, path in _sets(bench.sets):
        rows[f"networks on {name}"] = compare(path, path / "pairs.txt")
    for name, path in _kin(bench.sets):
        rows[f"networks on {name}"] = compare(path, None)
    return rows


def end_to_end(vectors: Vectors, labels: NDArray[Any], everybody: list[str]) -> dict[str, float]:
    """A photo without a face is a miss: of the nearest, and of every pair that it belongs to."""
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -2)
    same = labels[:, None] == labels[None]
    upper = np.triu(np.ones_like(same), 1)
    threshold = float(np.quantile(alike[upper & ~same], 1 - FALSE_MATCHES))
    accepted = int((alike[upper & same] > threshold).sum())
    genuine = sum(count * (count - 1) // 2 for count in np.unique(everybody, return_counts=True)[1].tolist())
    right = int((labels[alike.argmax(axis=1)] == labels).sum())
    return {
        "recall_at_1": round(right / len(everybody), 4),
        "recall_at_1_of_found": round(right / len(labels), 4),
        "tar_at_far_1e-3": round(accepted / genuine, 4),
    }


def _sets(sets: Path | None) -> list[tuple[str, Path]]:
    dev = sets / "dev" if sets else None
    return [("dev", dev)] if dev and (dev / "pairs.txt").is_file() else []


def _kin(sets: Path | None) -> list[tuple[str, Path]]:
    return [(path.name, path) for path in sorted((sets / "kin").glob("KinFaceW-*"))] if sets else []

"""Accuracy of each tool on whole photographs, with its own detector."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.beside.context import Bench, Rows
from bench.beside.works.index import TOOLS, read
from niteru.engine import Vectors

FALSE_MATCHES = 1e-3


def measure(bench: Bench) -> Rows:
    """Measure the vectors in the tools' indexes."""
    photos = bench.listed()
    people = {photo.ref: photo.person for photo in photos}
    rows: Rows = {}
    for tool in TOOLS:
        refs, vectors = read(bench, tool)
        labels = np.array([people[ref] for ref in refs])
        rows[tool] = {"photos": len(photos), "faces": len(refs), **end_to_end(vectors, labels, list(people.values()))}
    return rows


def end_to_end(vectors: Vectors, labels: NDArray[Any], everybody: list[str]) -> dict[str, float]:
    """Compute the accuracy, in which a photo without a face is a miss, for itself and for all its pairs."""
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

"""Test on drawn people whether a network embeds faces at all, before it may be used."""

from __future__ import annotations

import cv2
import numpy as np

from niteru.engine import Pixels, Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.networks.model_folder import ModelUnusable

LEAST_AUC = 0.65
"""AUC of genuine against impostor pairs of drawn people. Noise reaches .57, raw pixels .74, the shipped network .94."""
BRIGHTER = 12


def check(embedder: Embedder) -> None:
    """Embed drawn people and see that the vectors are those of faces.

    Raises:
        ModelUnusable: its vectors are not finite, change from one call to the next, all point the same way, follow
            light or mirroring rather than the face, or do not tell drawn people apart.
    """
    name = embedder.info.name
    crops, people = reference_crops()
    vectors = embedder.embed(crops)
    if not np.isfinite(vectors).all():
        raise ModelUnusable(f"{name} gives vectors that are not finite; are its input values right?")
    if not np.allclose(vectors, embedder.embed(crops), atol=1e-4):
        raise ModelUnusable(
            f"{name} gives another vector for the same picture at every call: was it exported to train?"
        )
    similarity = vectors @ vectors.T
    same = people[:, None] == people
    strangers = similarity[~same]
    if strangers.min() > 0.999:
        raise ModelUnusable(f"{name} gives all faces the same vector; are its input values right?")
    genuine = similarity[same & ~np.eye(len(people), dtype=bool)]
    for change, pictures in _changed(crops).items():
        kept = _cosines(vectors, embedder.embed(pictures))
        if np.median(kept) <= np.median(strangers):
            raise ModelUnusable(f"{name} takes a face for another one once it is {change}: it does not embed faces")
    ranks = np.searchsorted(np.sort(strangers), genuine).mean() / len(strangers)
    if ranks < LEAST_AUC:
        raise ModelUnusable(
            f"{name} does not tell drawn people apart (AUC {ranks:.2f}; at least {LEAST_AUC} is required): "
            "is it a network for faces?"
        )


def _changed(crops: Pixels) -> dict[str, Pixels]:
    brighter = np.stack([cv2.convertScaleAbs(crop, beta=BRIGHTER) for crop in crops])
    return {"mirrored": np.ascontiguousarray(crops[:, :, ::-1]), "brighter": np.asarray(brighter, np.uint8)}


def _cosines(first: Vectors, second: Vectors) -> Vectors:
    return np.asarray((first * second).sum(axis=1), np.float32)

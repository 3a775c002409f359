"""Verification of a gallery: every checksum, every face and crop, and a sample of faces embedded again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.indexer.catalog.connection import CatalogDamaged
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.canary import LEAST_COSINE
from niteru.indexer.generations.generation import Generation, GenerationUnusable
from niteru.indexer.update.unforgotten import unforgotten

SAMPLE = 64
LEAST_KEPT = 0.98
"""Cosine of a vector with that of its crop, which is a JPEG; over 600 photographs it was never below .993."""
SHOWN = 5
_AT_ONCE = 10_000
_ANEW = "another program wrote into the gallery: index the photos into a new one"


@dataclass
class Verdict:
    """Numbers of what was checked, and the problems: one line each, with the next step."""

    generations: int = 0
    faces: int = 0
    embedded_again: int = 0
    problems: list[str] = field(default_factory=list)


def verify(address: str | Path) -> Verdict:
    """Check a gallery without changing anything.

    It checks the files of every kept generation by their checksums, the catalogue by itself and against the index, both
    ways, every crop, and the model by the canary, embeds a sample of faces again, and looks for what a forgetting has
    left undone.

    Raises:
        CatalogError: there is no gallery, or its catalogue cannot be opened.
    """
    gallery = Gallery(address)
    try:
        verdict = Verdict(problems=gallery.backend.damages(gallery.catalog) + gallery.generations.damages())
        verdict.problems += unforgotten(gallery)
        try:
            _check_generations(gallery, verdict)
            _check_crops(gallery, verdict)
        except CatalogDamaged as error:
            verdict.problems.append(str(error))
        return verdict
    except CatalogDamaged as error:
        return Verdict(problems=[str(error)])
    finally:
        gallery.close()


def _check_generations(gallery: Gallery, verdict: Verdict) -> None:
    now = gallery.generations.current()
    for number in gallery.generations.published():
        verdict.generations += 1
        try:
            opened = gallery.generations.load(number)
        except GenerationUnusable as error:
            verdict.problems.append(str(error))
            continue
        if number == now:
            if (
                gallery.generations.hold_labels
                and gallery.generations.manifest(number).get("labels_digest") != gallery.catalog.queries.labels_digest()
            ):
                verdict.problems.append(
                    "names of photos or people differ from those in the catalogue: run niteru index"
                )
            _check_index(gallery, opened, verdict)
            _check_model(gallery, opened, verdict)
    if now is not None and now not in gallery.generations.published():
        verdict.problems.append(f"generation {now}, which CURRENT names, is missing: run niteru index")


def _check_index(gallery: Gallery, current: Generation, verdict: Verdict) -> None:
    queries = gallery.catalog.queries
    ids, people = queries.labelled_faces(current.model)
    verdict.faces = len(ids)
    _report_faces(verdict, np.setdiff1d(ids, current.face_ids), "of the catalogue are not in the index")
    others = np.array(queries.faces_by_others(current.model), np.int64)
    _report_faces(verdict, others, f"have no vector by {current.model}")
    _report_faces(verdict, np.setdiff1d(current.face_ids, ids), "of the index are not in the catalogue")
    both, here, there = np.intersect1d(ids, current.face_ids, return_indices=True)
    _report_faces(verdict, both[people[here] != current.person_ids[there]], "belong to somebody else in the index")
    changed = list[int]()
    for start in range(0, len(both), _AT_ONCE):
        faces = both[start : start + _AT_ONCE]
        off = np.abs(current.vectors(faces) - queries.vectors(faces)).max(axis=1) > 1e-5
        changed.extend(faces[off].tolist())
    _report_faces(verdict, np.array(changed, np.int64), "have another vector in the index", _ANEW)


def _report_faces(verdict: Verdict, faces: np.ndarray, what: str, step: str = "run niteru index") -> None:
    if len(faces):
        shown = ", ".join(map(str, faces[:SHOWN].tolist())) + ", …" * (len(faces) > SHOWN)
        verdict.problems.append(f"{len(faces)} faces {what} ({shown}): {step}")


def _check_crops(gallery: Gallery, verdict: Verdict) -> None:
    lost = gallery.lost_crops()
    damaged = gallery.crops.damaged(sorted(gallery.catalog.queries.face_ids() - set(lost)))
    _report_faces(verdict, np.array(lost), "have lost their crop")
    _report_faces(verdict, np.array(damaged), "have a damaged crop")


def _check_model(gallery: Gallery, current: Generation, verdict: Verdict) -> None:
    try:
        embedder = Embedder(gallery.model_folder())
    except ModelUnusable as error:
        verdict.problems.append(str(error))
        return
    if embedder.info.id != current.model:
        verdict.problems.append(
            f"built by {current.model}, while the gallery uses {embedder.info.id}: run niteru index"
        )
        return
    agreement = current.canary.agreement(embedder)
    if agreement < LEAST_COSINE:
        verdict.problems.append(
            f"{current.model} gives other vectors on this machine (cosine {agreement:.4f}): run niteru index"
        )
    sample = current.face_ids[np.unique(np.linspace(0, len(current.face_ids) - 1, SAMPLE).astype(int))].tolist()
    crops = {face: crop for face in sample if (crop := gallery.crop(face)) is not None}
    if crops:
        faces = np.array(list(crops))
        again, kept = embedder.embed(np.stack(list(crops.values()))), current.vectors(faces)
        verdict.embedded_again = len(crops)
        off = (again * kept).sum(axis=1) < LEAST_KEPT
        _report_faces(verdict, faces[off], "are not what their crops show", _ANEW)

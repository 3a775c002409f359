"""Faces that nobody has named, put into groups by niteru's way and by Immich's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

import numpy as np

from bench.beside.context import Bench, Rows
from bench.foreign import foreign
from bench.grouping_methods import Groups, as_in_immich, at_best
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.grouping import group_faces


def measure(bench: Bench) -> Rows:
    """Group the people of the photographs, and of ``lfw/`` beside them, as if they had no names."""
    folders = [bench.photos, *(folder for folder in (bench.photos.with_name("lfw"),) if bench.sets and folder.is_dir())]
    rows: Rows = {}
    for folder in folders:
        faces = prepare(folder)
        for name, group in _ways(faces, foreign(bench.photos)["fr_feature"]):
            start = process_time()
            figures = compare_groups(group(), np.array(faces.people)).to_dict()
            rows.setdefault(name, {})[folder.name] = {**figures, "core_s": round(process_time() - start, 2)}
    return rows


def _ways(faces: CropSet, onnx_model: Path) -> Iterator[tuple[str, Callable[[], Groups]]]:
    """Names of the ways and what carries them out; embedding is not part of it."""
    embedder, theirs = Embedder(), Embedder(onnx_model)
    vectors, onnx = embedder.embed(faces.crops), theirs.embed(faces.crops)
    people = np.array(faces.people)
    yield "niteru", lambda: group_faces(vectors, embedder.info.calibration)
    yield "Immich's way, niteru's vectors", lambda: as_in_immich(vectors)
    yield "Immich's way, fr_feature by ONNX Runtime", lambda: as_in_immich(onnx)
    yield "the same, at the best distance for these people", lambda: at_best(onnx, people)

"""What smaller numbers cost: the shipped network in float32, float16 and int8 (dynamic range), on the same faces.

``python -m bench.quantisation FACES [--model NAME]``: JSON with bytes, milliseconds a face, and the figures of
``niteru evaluate``.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import keras
import numpy as np
import tensorflow as tf

from engine.crop_set import prepare
from engine.embedder import Embedder, ModelInfo
from engine.evaluation import evaluate
from engine.model_folder import WEIGHTS, read_info, write_info
from engine.model_zoo import find_model
from engine.training.embedding.network import FlipAverage
from engine.training.embedding.unfolding import unfolded

KINDS: dict[str, dict[str, Any]] = {
    "float32": {},
    "float16": {
        "optimizations": [tf.lite.Optimize.DEFAULT],
        "target_spec": {"supported_types": [tf.float16]},
    },
    "int8": {"optimizations": [tf.lite.Optimize.DEFAULT]},
}
_FIGURES = ("accuracy", "auc", "tar_at_far_1e-2", "tar_at_far_1e-3", "recall_at_1")
TIMED = 200


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
@click.option("--model", help="Name or folder of a model; the shipped one by default.")
def main(faces: Path, model: str | None) -> None:
    """Measure each kind on FACES."""
    folder = find_model(model)
    network, info = unfolded(folder), read_info(folder, ModelInfo)
    face = keras.Input(network.input_shape[1:])
    served = keras.Model(face, FlipAverage(network)(face))
    listed, pairs = prepare(faces), faces / "pairs.txt"
    said = {}
    for kind, options in KINDS.items():
        with tempfile.TemporaryDirectory() as place:
            served.export(str(Path(place) / WEIGHTS), format="litert", verbose=False, **options)
            write_info(Path(place), replace(info, name=kind))
            embedder = Embedder(Path(place))
            figures = evaluate(listed, embedder.embed(listed.crops), pairs if pairs.is_file() else None).figures
            size = (Path(place) / WEIGHTS).stat().st_size
        said[kind] = {"bytes": size, "ms": _milliseconds(embedder, np.asarray(listed.crops[:TIMED]))}
        said[kind] |= {key: figures[key] for key in _FIGURES}
    click.echo(json.dumps(said, indent=1))


def _milliseconds(embedder: Embedder, crops: Any) -> float:
    times = []
    for crop in crops:
        start = perf_counter()
        embedder.embed(crop[None])
        times.append((perf_counter() - start) * 1000)
    return round(statistics.median(times), 2)


if __name__ == "__main__":
    main()

"""What smaller numbers cost: a trained network in float32, float16 and int8 (dynamic range), on the same faces.

``python -m bench.quantisation TRAINED FACES``: JSON with bytes, milliseconds a face on one thread, and the figures of
``niteru evaluate``. TRAINED is the folder that ``make train FROM=…`` wrote.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import numpy as np
import tensorflow as tf

from bench.clock import milliseconds
from engine.crop_set import prepare
from engine.embedder import Embedder, ModelInfo
from engine.evaluation import evaluate
from engine.model_folder import WEIGHTS, read_info, write_info
from engine.training.embedding.export import served_network

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
@click.argument("trained", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
def main(trained: Path, faces: Path) -> None:
    """Measure each kind on FACES."""
    served, info = served_network(trained / "training"), read_info(trained / "model", ModelInfo)
    listed, pairs = prepare(faces), faces / "pairs.txt"
    said: dict[str, dict[str, Any]] = {}
    embedders = {}
    for kind, options in KINDS.items():
        folder = trained / kind
        folder.mkdir(exist_ok=True)
        served.export(str(folder / WEIGHTS), format="litert", verbose=False, **options)
        write_info(folder, replace(info, name=kind))
        embedders[kind] = Embedder(folder)
        figures = evaluate(listed, embedders[kind].embed(listed.crops), pairs if pairs.is_file() else None).figures
        said[kind] = {"bytes": (folder / WEIGHTS).stat().st_size} | {key: figures[key] for key in _FIGURES}
    times = milliseconds({kind: one.embed for kind, one in embedders.items()}, np.asarray(listed.crops[:TIMED]))
    for kind, spent in times.items():
        said[kind]["ms"] = spent
    click.echo(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()

"""Cost of smaller weights: a trained network in float32, float16 and int8, measured on the same faces.

``python -m bench.quantisation TRAINED FACES`` prints a table with bytes, milliseconds for a face on one thread, and all
figures of :mod:`bench.yardsticks`, which describes the layout of FACES. TRAINED is a folder that ``make train`` wrote.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import get_args

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import numpy as np

from bench.clock import milliseconds
from bench.yardsticks import Yardsticks, table
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.networks.model_folder import WEIGHTS, read_info, write_info
from niteru.engine.training.embedding.export import export_weights
from niteru.engine.training.export import Type

TIMED = 200


@click.command()
@click.argument("trained", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(trained: Path, faces: Path) -> None:
    """Measure each type of weights on FACES."""
    info, yardsticks = read_info(trained / "model", ModelInfo), Yardsticks.load(faces)
    embedders = {kind: _exported(trained, kind, info) for kind in get_args(Type)}
    crops = np.asarray(yardsticks.lfw.crops[:TIMED])
    spent = milliseconds({kind: embedder.embed for kind, embedder in embedders.items()}, crops)
    found = {kind: yardsticks.measure(embedder.embed) for kind, embedder in embedders.items()}
    for kind, rows in found.items():
        rows |= {"MB": (trained / kind / WEIGHTS).stat().st_size / 1e6, "ms a face": spent[kind]}
    click.echo(table(found))


def _exported(trained: Path, kind: Type, info: ModelInfo) -> Embedder:
    folder = trained / kind
    folder.mkdir(exist_ok=True)
    export_weights(trained / "training", folder, kind)
    write_info(folder, replace(info, name=kind))
    return Embedder(folder)


if __name__ == "__main__":
    main()

"""Value of each stage of the training, with the same number of batches, several seeds, and people not trained on.

``python -m bench.ablation FACES TEST --out folder [--teacher folder] [--steps 300] [--seeds 3] [--kin KINFACEW]``
writes ``ablation.json``, ``ablation.md`` and ``ablation.png`` (learning curves). An interrupted run is resumed.
"""

from __future__ import annotations

import csv
import json
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import click
import keras
import numpy as np
from matplotlib.figure import Figure

from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.evaluate import evaluate
from niteru.engine.evaluation.kinface import KinFaces
from niteru.engine.evaluation.kinface import measure as measure_kin
from niteru.engine.training.embedding.network import DIMENSION
from niteru.engine.training.embedding.recipe import FROM_SCRATCH, EmbeddingStage, Recipe
from niteru.engine.training.embedding.run import cleaned_labels
from niteru.engine.training.embedding.teacher import load_teacher
from niteru.engine.training.embedding.trainer import EmbeddingTrainer, trained_network
from niteru.engine.training.embedding.tuning import vectors_of

LEVELS = 4
RATE = 0.1
SIAMESE_RATE = 0.05
KEYS = ("accuracy", "tar_at_far_1e-2", "tar_at_far_1e-3", "recall_at_1", "family_auc", "kin_auc")
Stages = tuple[EmbeddingStage, ...]


def drawing(steps: int) -> Stages:
    """Stages of autoencoders, one for each level, with the levels below frozen."""
    each = steps // LEVELS
    return tuple(
        EmbeddingStage(f"level {level}", each, SIAMESE_RATE, {"autoencoder": 1}, level=level)
        for level in range(1, LEVELS + 1)
    )


def siamese(steps: int) -> Stages:
    """Stage that learns *same person or not*."""
    return (EmbeddingStage("siamese", steps, SIAMESE_RATE, {"siamese": 1}),)


def final(steps: int, **losses: float) -> Stages:
    """Last stage, with the given losses."""
    return (EmbeddingStage("metric", steps, RATE, losses),)


def ladder(steps: int) -> dict[str, Recipe]:
    """All recipes with the same number of batches, of which a pretraining takes an eighth."""
    first = steps // 8
    rest = steps - first
    ours = {
        "SupCon from scratch": final(steps, supcon=1),
        "autoencoder, SupCon": (*drawing(first), *final(rest, supcon=1)),
        "Siamese alone": siamese(steps),
        "Siamese, SupCon": (*siamese(first), *final(rest, supcon=1)),
        "Siamese, triplet": (*siamese(first), *final(rest, triplet=1)),
        "Siamese, CosFace": (*siamese(first), *final(rest, cosface=1)),
        "Siamese, ArcFace": (*siamese(first), *final(rest, arcface=1)),
        "Siamese, SupCon + CosFace + 5 teacher": (*siamese(first), *final(rest, supcon=1, cosface=1, teacher=5)),
        "SupCon + CosFace + 5 teacher from scratch": final(steps, supcon=1, cosface=1, teacher=5),
    }
    return {name: replace(FROM_SCRATCH, stages=stages) for name, stages in ours.items()}


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
@click.argument("test", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option(
    "--teacher", type=click.Path(exists=True, path_type=Path), help="Folder of vectors that niteru teach wrote."
)
@click.option("--kin", "kins", multiple=True, type=click.Path(exists=True, path_type=Path), help="A KinFaceW folder.")
@click.option("--steps", type=int, default=300, show_default=True, help="Batches of each run.")
@click.option("--people", type=int, default=32, show_default=True, help="People in each batch, with four photos each.")
@click.option("--seeds", type=int, default=3, show_default=True)
def main(
    faces: Path,
    test: Path,
    out: Path,
    teacher: Path | None,
    kins: tuple[Path, ...],
    steps: int,
    people: int,
    seeds: int,
) -> None:
    """Train every recipe with every seed on FACES, and measure the networks on TEST."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    learn, measured = prepare(faces), prepare(test)
    families = [KinFaces.load(kin) for kin in kins]
    vectors = None if teacher is None else load_teacher(teacher, learn.crops, DIMENSION)
    labels = cleaned_labels(out, learn, vectors)
    crops = np.asarray(learn.crops[:])
    file = out / "ablation.json"
    found: dict[str, list[dict[str, Any]]] = json.loads(file.read_text()) if file.exists() else {}
    for seed in range(1, seeds + 1):
        for name, recipe in ladder(steps).items():
            if len(found.setdefault(name, [])) >= seed:
                continue
            recipe = replace(recipe, people=people, seed=seed, steps_per_checkpoint=max(steps // 12, 1))
            folder = out / f"{name} {seed}".replace(" ", "-")
            EmbeddingTrainer(folder, recipe, crops, labels, vectors).run()
            found[name].append(_figures(trained_network(folder), recipe, measured, test, families))
            file.write_text(json.dumps(found, indent=1))
            keras.backend.clear_session()
            logging.info("%s, seed %d: %s", name, seed, found[name][-1])
    (out / "ablation.md").write_text(_table(found), encoding="utf-8")
    _curves(out, found)


def _figures(
    network: keras.Model, recipe: Recipe, measured: CropSet, test: Path, kins: list[KinFaces]
) -> dict[str, Any]:
    def embed(crops: Any) -> Any:
        return vectors_of(network, crops, recipe.window)

    pairs = test / "pairs.txt"
    figures = evaluate(measured, embed(measured.crops), pairs if pairs.is_file() else None).figures
    chosen = {key: figures[key] for key in KEYS if key in figures}
    chosen["family_auc"] = figures["kin"]["auc"] if figures["kin"] else None
    return chosen | {"kin_auc": _mean(kins, lambda kin: measure_kin(kin, embed)["kin_auc"])}


def _mean(kins: list[KinFaces], measure: Callable[[KinFaces], float]) -> float | None:
    return float(np.mean([measure(kin) for kin in kins])) if kins else None


def _table(found: dict[str, list[dict[str, Any]]]) -> str:
    lines = ["| recipe | " + " | ".join(KEYS) + " |", "|---" * (len(KEYS) + 1) + "|"]
    for name, runs in found.items():
        cells = []
        for key in KEYS:
            values = [run[key] for run in runs if run[key] is not None]
            cells.append(f"{np.mean(values):.3f} ± {np.std(values):.3f}" if values else "–")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _curves(out: Path, found: dict[str, list[dict[str, Any]]]) -> None:
    figure = Figure((8, 5), layout="constrained")
    axes = figure.subplots()
    for name in found:
        rows = list(csv.DictReader((out / f"{name} 1".replace(" ", "-") / "curve.csv").read_text().splitlines()))
        losses = np.array([float(row["loss"]) for row in rows if row["stage"] == rows[-1]["stage"]])
        if len(losses) == 1:  # too short a stage for a curve
            continue
        axes.plot(np.linspace(0, 1, len(losses)), losses / losses[0], label=name)
    axes.set(xlabel="share of the last stage", ylabel="its loss, over that of its first batches", title="seed 1")
    axes.legend(fontsize=7)
    axes.grid(alpha=0.3)
    figure.savefig(out / "ablation.png", dpi=120)


if __name__ == "__main__":
    main()

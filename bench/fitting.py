"""Gain from fitting the model to some people by some of their photos, measured on their other photos.

``python -m bench.fitting FACES --out folder [--people 40] [--photos 8] [--seeds 3]`` prints JSON with the figures of
the shipped and the fitted models on the held-out photos. FACES has a folder for each person, with more photos still.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import click
import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.retrieval import nearest_of
from niteru.engine.evaluation.verification import auc, curve_of, tar_at_far
from niteru.engine.photos.faces_folder import LabelledPhoto, list_photos
from niteru.engine.training.embedding.fitting import fit
from niteru.engine.training.embedding.tuning import Tuning


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--people", type=int, default=40, show_default=True)
@click.option("--photos", type=int, default=8, show_default=True, help="Photos of each person to train on.")
@click.option("--seeds", type=int, default=3, show_default=True)
def main(faces: Path, out: Path, people: int, photos: int, seeds: int) -> None:
    """Fit with each seed, and look up the held-out photos among the others."""
    chosen = _chosen(list_photos(faces).photos, people, photos + 1)
    learn, test = out / "learn.csv", out / "test.csv"
    out.mkdir(parents=True, exist_ok=True)
    _write(learn, [photo for rows in chosen for photo in rows[:photos]])
    _write(test, [photo for rows in chosen for photo in rows[photos:]])
    gallery, probes = prepare(learn), prepare(test)
    runs: list[dict[str, Any]] = [{"model": "shipped", **_figures(Embedder(), gallery, probes)}]
    for seed in range(1, seeds + 1):
        folder = out / f"fitted-{seed}"
        report = fit(learn, folder, find_model(None), tuning=Tuning(seed=seed))
        figures = _figures(Embedder(folder / "model"), gallery, probes)
        runs.append({"model": folder.name, **figures, "chosen": report.chosen, "report": asdict(report)})
    click.echo(json.dumps({"learnt": len(gallery.refs), "asked": len(probes.refs), "runs": runs}, indent=1))


def _chosen(photos: list[LabelledPhoto], people: int, least: int) -> list[list[LabelledPhoto]]:
    counts = Counter(photo.person for photo in photos)
    names = [name for name in sorted(counts) if counts[name] >= least][:people]
    return [[photo for photo in photos if photo.person == name] for name in names]


def _write(table: Path, photos: list[LabelledPhoto]) -> None:
    lines = ["path,person", *(f"{photo.on_disk.resolve()},{photo.person}" for photo in photos)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _figures(embedder: Embedder, gallery: CropSet, probes: CropSet) -> dict[str, float]:
    asked, known = embedder.embed(probes.crops), embedder.embed(gallery.crops)
    names = np.array(gallery.people)[nearest_of(asked, known)]
    similarity, same = asked @ known.T, np.array(probes.people)[:, None] == np.array(gallery.people)
    curve = curve_of(similarity[~same], similarity[same])
    return {
        "recall_at_1": round(float((names == np.array(probes.people)).mean()), 4),
        "auc": round(auc(curve), 4),
        "tar_at_far_1e-2": round(tar_at_far(curve, 1e-2), 4),
        "tar_at_far_1e-3": round(tar_at_far(curve, 1e-3), 4),
    }


if __name__ == "__main__":
    main()

"""niteru beside dlib and raw pixels: the same crops, the same pairs, the same run.

``python -m bench.peers FACES [--kin KINFACEW-I --kin KINFACEW-II] [--timed 200]``: JSON. FACES as for
``niteru evaluate``. Times are medians a face of interleaved calls on one thread; dlib takes 90 ms a face, so thousands
of photos take minutes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np

from bench.clock import Embed, milliseconds
from engine.crop_set import prepare
from engine.embedder import Embedder, Vectors
from engine.evaluation import evaluate
from engine.kinface import KinFaces
from engine.kinface import measure as measure_kin
from engine.model_zoo import find_model
from engine.photo import Pixels
from engine.training.embedding.dlib_network import DlibNetwork

PIXELS = 32
_FIGURES = ("accuracy", "tar_at_far_1e-2", "tar_at_far_1e-3", "recall_at_1", "kin_auc", "kin_accuracy")


def raw_pixels(crops: Pixels) -> Vectors:
    """The middle of a crop, grey and small, as it is; unit vectors, float32 (n, 1024)."""
    small = [cv2.resize(crop[8:104, 8:104], (PIXELS, PIXELS), interpolation=cv2.INTER_AREA) for crop in crops]
    grey = np.stack([cv2.cvtColor(face, cv2.COLOR_RGB2GRAY) for face in small]).astype(np.float32)
    flat = grey.reshape(len(grey), -1)
    flat = (flat - flat.mean(axis=1, keepdims=True)) / (flat.std(axis=1, keepdims=True) + 1e-6)
    return _unit(flat)


def _unit(vectors: Vectors) -> Vectors:
    """Of length 1, and not centred: the mean of the very pictures that are compared is no peer's to know."""
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)


def compare(faces: Path, pairs: Path | None, model: str | None = None, timed: int = 0) -> dict[str, Any]:
    """Figures of the three on one folder: labelled people, or the families of a KinFaceW folder.

    Args:
        faces: as for ``niteru evaluate``.
        pairs: in LFW format; without one pairs are drawn.
        model: name or folder of a model of niteru's.
        timed: faces to time.
    """
    embedder, dlib = Embedder(find_model(model)), DlibNetwork()
    peers: dict[str, Embed] = {
        embedder.info.id: embedder.embed,
        "dlib": lambda crops: _unit(dlib.embed(crops)),
        "raw pixels": raw_pixels,
    }
    if (faces / "meta_data").is_dir():
        families = KinFaces.load(faces)
        return {name: _chosen(measure_kin(families, embed)) for name, embed in peers.items()}
    listed = prepare(faces)
    said: dict[str, Any] = {}
    for name, embed in peers.items():
        figures = evaluate(listed, embed(listed.crops), pairs).figures
        said[name] = _chosen(figures) | {"by_set": {part: _chosen(one) for part, one in figures["by_set"].items()}}
        if figures["grey"]:
            said[name]["grey"] = _chosen(figures["grey"])
    if timed:
        crops = np.asarray(listed.crops[:: max(1, len(listed.crops) // timed)][:timed])
        for name, spent in milliseconds({embedder.info.id: embedder.embed, "dlib": dlib.embed}, crops).items():
            said[name]["milliseconds"] = spent
    return said


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
@click.option("--kin", "kins", multiple=True, type=click.Path(exists=True, path_type=Path), help="A KinFaceW folder.")
@click.option("--model", help="Name or folder of a model; the shipped one by default.")
@click.option("--timed", type=int, default=200, show_default=True, help="Faces to time.")
def main(faces: Path, kins: tuple[Path, ...], model: str | None, timed: int) -> None:
    """Measure and time the three on FACES and on KinFaceW."""
    pairs = faces / "pairs.txt"
    said = {str(faces): compare(faces, pairs if pairs.is_file() else None, model, timed)}
    said |= {str(kin): compare(kin, None, model) for kin in kins}
    click.echo(json.dumps(said, indent=1))


def _chosen(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: figures[key] for key in _FIGURES if key in figures}


if __name__ == "__main__":
    main()

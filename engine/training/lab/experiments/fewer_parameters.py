"""Experiment: the share of the fully connected layers that is ever used."""

from __future__ import annotations

from dataclasses import replace

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from niteru.engine.faces.contact_sheet import save_picture
from niteru.engine.training.lab.classifier import seen, zero_shares
from niteru.engine.training.lab.experiments.forty_idols import CASE, folded, photos_there
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab
from niteru.engine.training.lab.trial import THEIRS_96, Trial

SIZES = {
    "as it was": THEIRS_96,
    "1024 → 96": THEIRS_96.replace("dense1024", "dense96"),
    "and 256 → 128": THEIRS_96.replace("dense1024 dense256", "dense96 dense128"),
    "and 108 → 72": THEIRS_96.replace("conv108x3", "conv72x3").replace("dense1024 dense256", "dense96 dense128"),
}
STEPS = 800


def run(lab: Lab, findings: Findings) -> None:
    """Train ever smaller networks on the same photos, and draw what the layers of the first one show."""
    people = photos_there(lab)
    data = folded(people, 0)
    case = replace(CASE, steps=lab.amount(STEPS, 20), side=lab.amount(96, 48))
    rows, curves = [], {}
    findings.data = f"{people}, a sixth for testing; {case.steps} steps."
    for name, layers in list(SIZES.items())[:: lab.amount(1, 3)]:
        trial = replace(case, layers=layers)
        outcome = lab.train(name, trial, data)
        assert outcome.network is not None
        curves[name] = outcome.curve
        zeros = zero_shares(outcome.network, seen(trial, data[2][:200]))
        size = (lab.folder / "runs" / name / "checkpoint.keras").stat().st_size / 2**20
        rows.append(
            [
                name,
                f"{outcome.network.count_params():,}",
                f"{size:.1f} MB",
                outcome.accuracy_text,
                ", ".join(f"{z:.2f}" for z in zeros),
            ]
        )
        if name == "as it was" and people.drawn:
            crop = data[2][0]
            save_picture(lab.folder / "layers.jpg", activations(outcome.network, trial, crop))
            findings.pictures.append(("layers.jpg", "outputs of the four convolutions for a face, a tile per channel"))
    columns = [
        "network",
        "weights",
        "checkpoint with the optimizer's state",
        "accuracy",
        "zeros after the dense layers",
    ]
    findings.tables.append(Table("Smaller and smaller", columns, rows))
    plot = lab.plot("zeros.png", curves, {"zeros": "share of zeros after the dense layers"})
    findings.pictures.append((plot, "zeros after the dense layers during training"))


def activations(network: keras.Model, trial: Trial, crop: NDArray[np.uint8], side: int = 48) -> NDArray[np.uint8]:
    """Draw the channels of each convolution for a face, one band for each layer, uint8 RGB."""
    layers = [layer.output for layer in network.layers if layer.name.endswith("-conv")]
    values = keras.Model(network.input, layers)(seen(trial, crop[None]), training=False)
    bands = []
    for value in values:
        channels = keras.ops.convert_to_numpy(value)[0].astype(np.float32).transpose(2, 0, 1)
        tiles = [_tile(channel, side) for channel in channels]
        tiles += [np.zeros((side, side), np.uint8)] * (-len(tiles) % 36)
        bands += [np.hstack(tiles[start : start + 36]) for start in range(0, len(tiles), 36)]
    return np.repeat(np.vstack(bands)[..., None], 3, axis=2)


def _tile(channel: NDArray[np.float32], side: int) -> NDArray[np.uint8]:
    most = float(channel.max())
    grey = (255 * channel / most if most else 0 * channel).astype(np.uint8)
    return np.asarray(cv2.resize(grey, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)

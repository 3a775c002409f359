"""The models at hand: those shipped with niteru, and those added beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from engine.embedder import DEFAULT_MODEL, ModelInfo
from engine.model_folder import MODELS, ModelUnusable, read_info


def own_models() -> Path:
    """Where added models lie: ``NITERU_MODELS``, or ``niteru/models`` in the user's data folder."""
    if "NITERU_MODELS" in os.environ:
        return Path(os.environ["NITERU_MODELS"])
    data = os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")
    return Path(data) / "niteru" / "models"


def models() -> Iterator[tuple[Path, ModelInfo]]:
    """Every embedding at hand, the default first; folders that are none are passed over."""
    shipped = sorted(MODELS.iterdir(), key=lambda folder: (folder.name != DEFAULT_MODEL, folder.name))
    own = own_models()
    for folder in (*shipped, *(sorted(own.iterdir()) if own.is_dir() else ())):
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
    raise ModelUnusable(f"{name}: no such model here. There are: {names} (niteru model list)")

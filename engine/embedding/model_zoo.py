"""The installed models: those shipped with niteru and those that the user added."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from niteru.engine.embedding.embedder import DEFAULT_MODEL, ModelInfo
from niteru.engine.networks.model_folder import MODELS, ModelUnusable, checked_weights, read_info
from niteru.engine.work.user_folders import NoHome, data_folder
from niteru.engine.work.write_atomically import written_aside


def own_models() -> Path:
    """Folder of the models that the user added: ``NITERU_MODELS``, or ``niteru/models`` in the user's data folder.

    Raises:
        NoHome: neither exists.
    """
    if "NITERU_MODELS" in os.environ:
        return Path(os.environ["NITERU_MODELS"])
    return data_folder() / "models"


def models() -> Iterator[tuple[Path, ModelInfo]]:
    """Yield every installed embedder with its folder, the default first; other folders are skipped."""
    # A folder that begins with a dot is still being written.
    shipped = sorted(MODELS.iterdir(), key=lambda folder: (folder.name != DEFAULT_MODEL, folder.name))
    for folder in (*shipped, *_added()):
        try:
            yield folder, read_info(folder, ModelInfo)
        except ModelUnusable:
            continue


def _added() -> list[Path]:
    try:
        own = own_models()
    except NoHome:  # a user without a home folder has added none
        return []
    return sorted(own.glob("[!.]*")) if own.is_dir() else []


def find_model(name: str | None) -> Path:
    """Find a model's folder by the model's name, id or path; None finds the default.

    Raises:
        ModelUnusable: no model has that name, and no model lies at that path.
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
    raise ModelUnusable(f"{name}: no such model. Installed: {names} (niteru model use NAME)")


def adopted(folder: Path) -> Path:
    """Install a model, unless it is installed already, and return its folder; elsewhere folders move and change.

    Raises:
        ModelUnusable: the model is damaged.
    """
    info = read_info(folder, ModelInfo)
    checked_weights(folder, info)
    for known, other in models():
        if other.id == info.id:
            return known
    target = own_models() / f"{info.name}-{info.fingerprint[:8]}"
    with written_aside(target) as aside:  # a folder of that name is broken, or only the fingerprint's beginning agrees
        shutil.copytree(folder, aside, dirs_exist_ok=True)
    return target

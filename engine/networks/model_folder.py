"""A model is a folder: its weights, ``model.json`` with its fingerprint and terms, ``CARD.md``."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from niteru.engine.failure import Failure

MODELS = Path(__file__).parents[1] / "models"
WEIGHTS = "model.tflite"
FOREIGN_WEIGHTS = "model.onnx"
"""Of networks that were trained elsewhere and are run by ONNX Runtime."""

Info = TypeVar("Info", bound="ModelFolder")


class ModelUnusable(Failure):
    """A model folder that is missing, incomplete or damaged."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What every ``model.json`` says.

    Attributes:
        name: of the model.
        fingerprint: of the weights and of all that happens to a picture before them.
        licence: terms of the weights.
        training_data: what they were trained on.
    """

    name: str
    fingerprint: str
    licence: str
    training_data: list[str]

    @property
    def id(self) -> str:
        """Name and fingerprint: what vectors, indexes and answers say they were made with."""
        return f"{self.name}:{self.fingerprint[:16]}"

    @property
    def preprocessing(self) -> str:
        """What happens before the network, in words: part of the fingerprint."""
        raise NotImplementedError


def read_info(folder: Path, kind: type[Info]) -> Info:
    """Read ``model.json``.

    Raises:
        ModelUnusable: if it is missing or does not say all it must.
    """
    try:
        said = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        return kind(**{field.name: said[field.name] for field in fields(kind)})
    except OSError as error:
        raise ModelUnusable(f"{folder}: no model here ({error.strerror})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnusable(f"{folder}/model.json is not a model description: {error}") from None


def write_info(folder: Path, info: Info) -> Info:
    """Write ``model.json`` with the fingerprint of the weights that lie beside it."""
    info = replace(info, fingerprint=_fingerprint(folder, info))
    said: dict[str, Any] = asdict(info)
    (folder / "model.json").write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return info


def checked_weights(folder: Path, info: ModelFolder) -> Path:
    """The weights' file of a folder.

    Raises:
        ModelUnusable: if it is not the one its ``model.json`` speaks of.
    """
    weights = _weights_in(folder)
    if _fingerprint(folder, info) != info.fingerprint:
        raise ModelUnusable(f"{weights} is not the file model.json speaks of: copy the model folder again")
    return weights


def _weights_in(folder: Path) -> Path:
    foreign = folder / FOREIGN_WEIGHTS
    return foreign if foreign.is_file() else folder / WEIGHTS


def _fingerprint(folder: Path, info: ModelFolder) -> str:
    weights = _weights_in(folder)
    try:
        digest = hashlib.sha256(weights.read_bytes())
    except OSError as error:
        raise ModelUnusable(f"{weights}: {error.strerror}") from None
    digest.update(info.preprocessing.encode())
    return digest.hexdigest()

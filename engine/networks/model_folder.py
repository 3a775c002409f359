"""A model is a folder: its weights, ``model.json`` with its fingerprint and licence, and ``CARD.md``."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from niteru.engine.failure import Failure
from niteru.engine.networks.runtimes import twins_run

MODELS = Path(__file__).parents[1] / "models"
WEIGHTS = "model.tflite"
ONNX_WEIGHTS = "model.onnx"
"""Weights for ONNX Runtime: the only ones of a network that was trained elsewhere and came in this format; where
``model.tflite`` is there, too, its twin."""

Info = TypeVar("Info", bound="ModelFolder")


class ModelUnusable(Failure):
    """The model folder is missing, incomplete or damaged."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The fields that every ``model.json`` has.

    Attributes:
        name: the model's name.
        fingerprint: SHA-256 of the weights and of the preprocessing.
        licence: terms of the weights.
        training_data: what the weights were trained on.
        twin: SHA-256 of ``model.onnx`` if that is the network of ``model.tflite`` once more, for systems without
            LiteRT and for accelerators; else "". Their vectors are as good as the same, so the model's name and
            fingerprint are.
    """

    name: str
    fingerprint: str
    licence: str
    training_data: list[str]
    twin: str = field(default="", kw_only=True)

    @property
    def id(self) -> str:
        """Name and fingerprint; vectors, indexes and answers carry it to say which model made them."""
        return f"{self.name}:{self.fingerprint[:16]}"

    @property
    def preprocessing(self) -> str:
        """Description of the steps between a picture and the network; part of the fingerprint."""
        raise NotImplementedError


def read_info(folder: Path, kind: type[Info]) -> Info:
    """Read the ``model.json`` of a model folder.

    Raises:
        ModelUnusable: if it is missing or lacks a field.

    Example:
        >>> from niteru.engine.embedding.embedder import DEFAULT_MODEL, ModelInfo
        >>> info = read_info(MODELS / DEFAULT_MODEL, ModelInfo)
        >>> info.name, info.dimension
        ('niteru-v5', 128)
    """
    try:
        content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        return kind(**{field.name: content[field.name] for field in fields(kind) if field.name in content})
    except OSError as error:
        raise ModelUnusable(f"{folder}: no model here ({error.strerror})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnusable(f"{folder}/model.json is not a model description: {error}") from None


def write_info(folder: Path, info: Info) -> Info:
    """Write ``model.json`` with the fingerprint of the weights beside it, and that of their twin."""
    weights, twin = _weights_in(folder), folder / ONNX_WEIGHTS
    has_twin = weights != twin and twin.is_file()
    info = replace(info, fingerprint=_fingerprint(weights, info), twin=_digest(twin).hexdigest() if has_twin else "")
    content: dict[str, Any] = asdict(info)
    (folder / "model.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return info


def checked_weights(folder: Path, info: ModelFolder) -> Path:
    """The weights of a model folder that run on this system, after checking that they are unchanged.

    Raises:
        ModelUnusable: if their fingerprint is not the one in ``model.json``.
    """
    weights = _weights_in(folder)
    if info.twin and twins_run():
        weights = folder / ONNX_WEIGHTS
        unchanged = _digest(weights).hexdigest() == info.twin
    else:
        unchanged = _fingerprint(weights, info) == info.fingerprint
    if not unchanged:
        raise ModelUnusable(f"{weights} is not the file that model.json describes: copy the model folder again")
    return weights


def _weights_in(folder: Path) -> Path:
    """The file that the model's fingerprint is of."""
    foreign = folder / ONNX_WEIGHTS
    return foreign if foreign.is_file() and not (folder / WEIGHTS).is_file() else folder / WEIGHTS


def _fingerprint(weights: Path, info: ModelFolder) -> str:
    digest = _digest(weights)
    digest.update(info.preprocessing.encode())
    return digest.hexdigest()


def _digest(weights: Path) -> hashlib._Hash:
    try:
        return hashlib.sha256(weights.read_bytes())
    except OSError as error:
        raise ModelUnusable(f"{weights}: {error.strerror}") from None

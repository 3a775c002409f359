"""Published generations of the index, as they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine.photo import sha256_of
from indexer.calibration import Calibration
from indexer.canary import Canary
from indexer.index import KINDS, Index

CANARY = "canary.npz"
INDEX = "index"
PARTS = (INDEX, "rows.npy", "crowding.npy", "calibration.json", CANARY)


class GenerationUnusable(Exception):
    """No generation is published, or its files are not the ones that were."""


@dataclass(frozen=True, eq=False)
class Contents:
    """A state of a gallery, ready to be searched.

    Attributes:
        model: id of the model that made the vectors.
        finder: name of the finder that found the faces; a question's face must be found by the same.
        index: over the labelled faces.
        recall: of the nearest faces of other people, that the index reaches here.
        face_ids, person_ids: of each row of the index, int64 (n,); the ids of faces rise.
        crowding: of each row, float32 (n,), see :mod:`indexer.crowding`.
        calibration: of this very set of faces.
        canary: drawn faces and the vectors they had when this was published.
    """

    model: str
    finder: str
    index: Index
    recall: float
    face_ids: NDArray[np.int64]
    person_ids: NDArray[np.int64]
    crowding: NDArray[np.float32]
    calibration: Calibration
    canary: Canary

    def row(self, face: int) -> int | None:
        """Row of a labelled face; None for other faces."""
        row = int(np.searchsorted(self.face_ids, face))
        return row if row < len(self.face_ids) and self.face_ids[row] == face else None

    def vector(self, face: int) -> NDArray[np.float32] | None:
        """The vector of a labelled face as it was published, float32 (dimension,); None for other faces."""
        row = self.row(face)
        return None if row is None else self.index.vectors(np.array([row]))[0]

    def crowding_of(self, face: int) -> float:
        """How much nearer than usual strangers are to a labelled face; 0 for other faces."""
        row = self.row(face)
        return 0.0 if row is None else float(self.crowding[row])

    @cached_property
    def faces_of(self) -> dict[int, int]:
        """How many labelled faces each person has, by id."""
        ids, counts = np.unique(self.person_ids, return_counts=True)
        return dict(zip(ids.tolist(), counts.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Generation(Contents):
    """A published state, with its number, which rises with each publication, and its number of people."""

    number: int
    people: int


def current(gallery: Path) -> int | None:
    """Number of the generation in use; None if there is none."""
    try:
        return int((gallery / "CURRENT").read_text())
    except (OSError, ValueError):
        return None


def folder_of(gallery: Path, number: int) -> Path:
    """Where a generation lies."""
    return gallery / "generations" / f"{number:06d}"


def manifest_of(gallery: Path, number: int) -> dict[str, object]:
    """What a generation says of itself.

    Raises:
        GenerationUnusable: if it is missing or unreadable.
    """
    file = folder_of(gallery, number) / "manifest.json"
    try:
        manifest: dict[str, object] = dict(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise GenerationUnusable(f"{file}: {error}") from None
    return manifest


def published(gallery: Path) -> list[int]:
    """Numbers of the generations that are kept, rising."""
    folder = gallery / "generations"
    return [int(path.name) for path in _published(folder)] if folder.is_dir() else []


def load(gallery: Path, number: int | None = None) -> Generation:
    """Open a generation after checking every file against its manifest.

    Args:
        gallery: folder of the gallery.
        number: of the generation; the current one by default.

    Raises:
        GenerationUnusable: if there is none, or a file is missing or differs from what was published.
    """
    number = current(gallery) if number is None else number
    if number is None:
        raise GenerationUnusable(f"{gallery}: nothing is indexed yet: make index FACES=folder-of-photos")
    manifest = manifest_of(gallery, number)
    folder = folder_of(gallery, number)
    if not set(PARTS) <= set(manifest.get("sha256", ())):  # type: ignore[call-overload]
        raise GenerationUnusable(f"generation {number} was published by an older niteru: run make index once")
    try:
        for part, said in dict(manifest["sha256"]).items():  # type: ignore[call-overload]
            if sha256_of(folder / part) != said:
                raise GenerationUnusable(f"{folder / part} is damaged: run make index to publish anew")
        return _open(folder, manifest)
    except ModuleNotFoundError as error:
        raise GenerationUnusable(
            f"generation {number} needs the package {error.name}: pip install 'niteru[{error.name}]'"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, BadZipFile) as error:
        raise GenerationUnusable(f"generation {number} cannot be opened: {error}") from None


def _open(folder: Path, said: dict[str, Any]) -> Generation:
    rows = np.load(folder / "rows.npy")
    index = KINDS[said["kind"]].load(folder / INDEX, int(said["dimension"]))
    index.effort = int(said["effort"])
    if not len(index) == rows.shape[1] == int(said["faces"]):
        raise ValueError("index and manifest differ in the number of faces")
    return Generation(
        number=int(said["generation"]),
        model=str(said["model"]),
        finder=str(said["finder"]),
        index=index,
        recall=float(said["recall_of_others"]),
        face_ids=rows[0],
        person_ids=rows[1],
        crowding=np.load(folder / "crowding.npy"),
        people=int(said["people"]),
        calibration=Calibration(**json.loads((folder / "calibration.json").read_text())),
        canary=Canary.load(folder / CANARY),
    )


def _published(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.isdigit())

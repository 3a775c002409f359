"""Published index generations: built aside, checked, and swapped in by one rename."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from indexer.calibration import Calibration
from indexer.canary import Canary
from indexer.crowding import DAMPING
from indexer.index import KINDS, Index

KEPT = 3
_WITHDRAWN = ".withdrawn"
CANARY = "canary.npz"
INDEX = "index"
_PARTS = (INDEX, "rows.npy", "crowding.npy", "calibration.json", CANARY)


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

    def damped(self, face: int, similarity: float) -> float:
        """What a similarity to a labelled face counts for when look-alikes are ranked: less, the more are like it."""
        row = self.row(face)
        return similarity if row is None else similarity - DAMPING * float(self.crowding[row])

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


def publish(gallery: Path, contents: Contents) -> int:
    """Write the next generation aside, make it durable, and make it the current one.

    Args:
        gallery: folder of the gallery.
        contents: one face or more.

    Returns:
        The number of the new generation.

    Raises:
        OSError: the disk is full, or the folder cannot be written; the current one stays.
    """
    folder = gallery / "generations"
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    number = _last(folder) + 1
    aside = folder / f"{number:06d}.building"
    aside.mkdir()
    contents.index.save(aside / INDEX)
    np.save(aside / "rows.npy", np.stack([contents.face_ids, contents.person_ids]))
    np.save(aside / "crowding.npy", contents.crowding)
    (aside / "calibration.json").write_text(json.dumps(asdict(contents.calibration)))
    contents.canary.save(aside / CANARY)
    _seal(aside, number, contents)
    aside.rename(folder / f"{number:06d}")
    _sync(folder)
    _point_to(gallery, number)
    for old in _published(folder)[:-KEPT]:
        shutil.rmtree(old)
    return number


def _seal(aside: Path, number: int, contents: Contents) -> None:
    """Write the manifest of a finished folder, and make all of it durable."""
    index = contents.index
    manifest = {
        "generation": number,
        "kind": index.kind,
        "effort": index.effort,
        "recall_of_others": round(contents.recall, 4),
        "dimension": index.vectors(np.array([0])).shape[1],
        "model": contents.model,
        "finder": contents.finder,
        "people": len(np.unique(contents.person_ids)),
        "faces": len(contents.face_ids),
        "sha256": {part: _sha256(aside / part) for part in _PARTS},
    }
    (aside / "manifest.json").write_text(json.dumps(manifest, indent=1))
    for part in (*_PARTS, "manifest.json"):
        _sync(aside / part)
    _sync(aside)


def withdraw(gallery: Path) -> None:
    """Leave no generation, current or old: the gallery is empty."""
    folder = gallery / "generations"
    last = _last(folder) if folder.is_dir() else 0
    (gallery / "CURRENT").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    if last:
        # The next one must not be taken for one that a service still holds.
        folder.mkdir(exist_ok=True)
        (folder / f"{last:06d}{_WITHDRAWN}").touch()


def drop_older(gallery: Path) -> None:
    """Keep the current generation only."""
    now = current(gallery)
    for number in published(gallery):
        if number != now:
            shutil.rmtree(folder_of(gallery, number))


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
        manifest: dict[str, object] = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise GenerationUnusable(f"{file}: {error}") from None
    return manifest


def published(gallery: Path) -> list[int]:
    """Numbers of the generations that are kept, rising."""
    folder = gallery / "generations"
    return [int(path.name) for path in _published(folder)] if folder.is_dir() else []


def rollback(gallery: Path) -> int:
    """Let the generation before the current one serve again, after checking it; its number.

    Raises:
        GenerationUnusable: there is none before it, or it is damaged; the current one stays.
    """
    now = current(gallery)
    before = [number for number in published(gallery) if now is not None and number < now]
    if not before:
        raise GenerationUnusable(f"{gallery}: no generation before the current one is kept, so none can come back")
    load(gallery, before[-1])
    _point_to(gallery, before[-1])
    return before[-1]


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
    if not set(_PARTS) <= set(manifest.get("sha256", ())):  # type: ignore[call-overload]
        raise GenerationUnusable(f"generation {number} was published by an older niteru: run make index once")
    try:
        for part, said in dict(manifest["sha256"]).items():  # type: ignore[call-overload]
            if _sha256(folder / part) != said:
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


def _point_to(gallery: Path, number: int) -> None:
    aside = gallery / "CURRENT.tmp"
    aside.write_text(f"{number}\n")
    _sync(aside)
    aside.replace(gallery / "CURRENT")
    _sync(gallery)


def _published(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.isdigit())


def _last(folder: Path) -> int:
    """The highest number that was ever given."""
    numbers = (path.name.removesuffix(_WITHDRAWN) for path in folder.iterdir())
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _sweep(folder: Path) -> None:
    """Remove what a crash left half built."""
    for leftover in folder.glob("*.building"):
        shutil.rmtree(leftover)


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

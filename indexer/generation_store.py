"""Generations come and go: built aside, made durable, swapped in by one rename; withdrawn without a trace."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engine.photo import sha256_of
from indexer.generation import (
    CANARY,
    INDEX,
    PARTS,
    Contents,
    GenerationUnusable,
    current,
    folder_of,
    load,
    published,
)

KEPT = 3
_WITHDRAWN = ".withdrawn"
_PARTIAL = ".building"


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
    sweep(gallery)
    number = max(_last(folder), current(gallery) or 0) + 1
    aside = folder / f"{number:06d}{_PARTIAL}"
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
    for old in published(gallery)[:-KEPT]:
        _remove(folder_of(gallery, old))
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
        "sha256": {part: sha256_of(aside / part) for part in PARTS},
    }
    (aside / "manifest.json").write_text(json.dumps(manifest, indent=1))
    for part in (*PARTS, "manifest.json"):
        _sync(aside / part)
    _sync(aside)


def withdraw(gallery: Path) -> None:
    """Leave no generation, current or old: the gallery is empty."""
    folder = gallery / "generations"
    last = _last(folder) if folder.is_dir() else 0
    if last:
        # First of all: the next one must not be taken for one that a service still holds.
        (folder / f"{last:06d}{_WITHDRAWN}").touch()
    (gallery / "CURRENT").unlink(missing_ok=True)
    for number in published(gallery):
        _remove(folder_of(gallery, number))
    sweep(gallery)


def discard(gallery: Path, number: int) -> None:
    """Remove a generation that cannot be used and is not the current one any more."""
    if number != current(gallery) and folder_of(gallery, number).exists():
        _remove(folder_of(gallery, number))


def drop_older(gallery: Path) -> None:
    """Keep the current generation only, and nothing half built."""
    now = current(gallery)
    for number in published(gallery):
        if number != now:
            _remove(folder_of(gallery, number))
    sweep(gallery)


def sweep(gallery: Path) -> None:
    """Remove what a crash left half built, or half removed."""
    for leftover in (gallery / "generations").glob(f"*{_PARTIAL}"):
        shutil.rmtree(leftover)


def _remove(folder: Path) -> None:
    """In one step for whoever looks, so that half a generation is never taken for one."""
    aside = folder.with_name(folder.name + _PARTIAL)
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    shutil.rmtree(aside)


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


def _point_to(gallery: Path, number: int) -> None:
    aside = gallery / "CURRENT.tmp"
    aside.write_text(f"{number}\n")
    _sync(aside)
    aside.replace(gallery / "CURRENT")
    _sync(gallery)


def _last(folder: Path) -> int:
    """The highest number that was ever given."""
    numbers = (path.name.removesuffix(_WITHDRAWN) for path in folder.iterdir())
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

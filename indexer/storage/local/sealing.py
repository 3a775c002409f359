"""Sealing of a generation's folder: a manifest with the SHA-256 of each file, and one of itself."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from niteru.engine.photos.file_content import sha256_of
from niteru.engine.work.write_atomically import sync
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.local.generation import SUMS

MANIFEST, SEAL = "manifest.json", "seal"


class Seals:
    """Checks the files of generations, each once in a process as long as nobody writes to it.

    Generations may have files in common, which are large; a service opens each generation that is published.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[int, ...], str] = {}

    def check(self, folder: Path, part: str, manifest: Mapping[str, Any]) -> None:
        """Compare a file with its checksum, before anything parses it.

        Raises:
            GenerationUnusable: it is damaged, or cannot be read.
        """
        file = folder / part
        try:
            expected = manifest[SUMS][part]
            found = self.sum_of(file)
        except KeyError:
            raise GenerationUnusable(
                f"generation {manifest['generation']} was published by an older niteru: run niteru index once"
            ) from None
        except OSError as error:
            raise GenerationUnusable(f"{file} cannot be read ({error}): run niteru index to publish anew") from None
        if found != expected:
            raise GenerationUnusable(f"{file} is damaged: run niteru index to publish anew")

    def sum_of(self, file: Path) -> str:
        """SHA-256 of a file; raises :class:`OSError` if it cannot be read."""
        status = file.stat()
        known_by = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if known_by not in self._sums:
            self._sums[known_by] = sha256_of(file)
        return self._sums[known_by]

    def seal(self, folder: Path, manifest: Mapping[str, Any], known: Mapping[str, str]) -> None:
        """Write a finished generation's manifest, and make its files durable.

        Args:
            folder: of the generation.
            manifest: without checksums.
            known: checksums of files that an earlier generation has as well, and are durable already.
        """
        fresh = sorted(path.name for path in folder.iterdir() if path.name not in known)

        def settled(part: str) -> str:
            sync(folder / part)
            return self.sum_of(folder / part)

        with ThreadPoolExecutor() as pool:
            sums = dict(zip(fresh, pool.map(settled, fresh), strict=True))
        write_manifest(folder, {**manifest, SUMS: {**known, **sums}})
        sync(folder / MANIFEST)
        sync(folder)


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a generation's manifest with a checksum of itself."""
    sealed = {**manifest, SEAL: _seal_of(manifest)}
    (folder / MANIFEST).write_text(json.dumps(sealed, indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """A generation's manifest.

    Raises:
        GenerationUnusable: it is missing, damaged, or an older niteru's.
    """
    file = folder / MANIFEST
    try:
        manifest = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise GenerationUnusable(f"{file}: {error}") from None
    if SEAL not in manifest:
        raise GenerationUnusable(
            f"generation {int(folder.name)} was published by an older niteru: run niteru index once"
        )
    if manifest.pop(SEAL) != _seal_of(manifest):
        raise GenerationUnusable(f"{file} is damaged: run niteru index to publish anew")
    return manifest


def link(there: Path, here: Path) -> None:
    """Let a file stand in a second folder, too; copied where the file system has no links."""
    try:
        os.link(there, here)
    except OSError:
        here.write_bytes(there.read_bytes())
        sync(here)


def _seal_of(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()

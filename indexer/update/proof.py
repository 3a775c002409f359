"""Proof that faces are gone from a gallery: searches for them, all bytes of its files, and faces nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from niteru.engine.failure import Failure
from niteru.indexer.catalog.rows import FaceVector
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.update.copies_under_way import outdated_copies
from niteru.indexer.update.traces import Traces


class Proof:
    """Checks on a gallery after a forgetting.

    Args:
        gallery: opened for writing.
        gone: the faces that were forgotten; none where an earlier forgetting is ended.
        crops: JPEG files of these faces.
        texts: what was said of them, and of nobody else.

    Attributes:
        questions, answered: number of searches for these faces, and of those that found one of them.
        files: number of files that were searched.
        traces: files that have traces of them.
        unfinished: what could not be checked, one sentence each with the next step.
    """

    def __init__(self, gallery: Gallery, gone: list[FaceVector], crops: list[bytes], texts: list[bytes]) -> None:
        self._gallery, self._gone, self._crops, self._texts = gallery, gone, crops, texts
        self.questions = self.answered = self.files = 0
        self.traces: list[str] = []
        self.unfinished: list[str] = []

    def carry_out(self) -> None:
        """Run all checks; those that fail to run are named."""
        for check in (self._ask, self._search, self._count):
            try:
                check()
            except (Failure, OSError) as error:
                self.unfinished.append(f"not all could be checked: {error}")
        self.unfinished += outdated_copies(self._gallery)

    def _ask(self) -> None:
        """Search for each forgotten face."""
        if self._gallery.generations.current() is None:
            return
        current = self._gallery.generations.load()
        ids = [face.face for face in self._gone]
        for face in self._gone:
            if face.model == current.model:
                self.questions += 1
                self.answered += bool(np.isin(current.nearest(face.vector, 10).face_ids, ids).any())

    def _search(self) -> None:
        """Search all files of the gallery byte by byte."""
        files, folder = self._gallery.backend.files(), self._gallery.folder
        traces = Traces([face.vector.tobytes() for face in self._gone], self._crops, self._texts)
        self.files = len(files)
        self.traces = [_within(file, folder) for file in traces.left_in(files)]
        self.unfinished += [
            f"{_within(file, folder)} cannot be read and may have traces: allow it, or delete it"
            for file in traces.unreadable
        ]

    def _count(self) -> None:
        """Look for faces that the catalogue does not have, in generations and crops."""
        known = self._gallery.catalog.queries.face_ids()
        self.unfinished += [f"{what}: run {finishing(self._gallery)}" for what in self._strangers(known)]

    def _strangers(self, known: set[int]) -> Iterator[str]:
        generations = self._gallery.generations
        for number in generations.published():
            try:
                strange = set(generations.load(number).face_ids.tolist()) - known
            except GenerationUnusable as error:
                yield f"generation {number} cannot be looked at ({error})"
            else:
                if strange:
                    yield f"generation {number} has {len(strange)} faces that the catalogue has not"
        if strange := self._gallery.crops.sizes().keys() - known:
            yield f"there are crops of {len(strange)} faces that the catalogue has not"


def finishing(gallery: Gallery) -> str:
    """Command that ends a forgetting which was interrupted."""
    return f"niteru forget --finish --gallery {gallery.name}"


def _within(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder) if file.is_relative_to(folder) else file)

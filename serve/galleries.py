"""The gallery as a running service sees it: one model, and the newest good generation."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from engine.embedder import Embedder
from engine.finder import Finder, WholePicture, load_finder
from indexer import generation
from indexer.gallery import Gallery
from indexer.generation import Generation, GenerationUnusable
from serve.problems import IndexMismatch

log = logging.getLogger("niteru.serve")


class LiveGallery:
    """Shared by the threads of a process: the model and generation once, a catalogue connection a request.

    Args:
        folder: of the gallery.
    """

    def __init__(self, folder: Path) -> None:
        """See the class."""
        self.folder = folder
        self.embedder = Embedder()
        self._finder = load_finder()
        self._generation: Generation | None = None
        self._refused: int | None = None
        self._lock = threading.Lock()

    def finder(self) -> Finder:
        """The finder of the current generation, so that a question's face is found as the gallery's were."""
        return WholePicture() if self._current().finder == WholePicture.name else self._finder

    def open(self) -> Gallery:
        """A gallery for one request, with the current generation.

        Raises:
            CatalogError, GenerationUnusable: nothing to search.
            IndexMismatch: the index was built by another model.
        """
        current = self._current()
        gallery = Gallery(self.folder)
        gallery.use(current)
        return gallery

    def _current(self) -> Generation:
        """The published generation; the last good one while a newer one cannot be opened."""
        number = generation.current(self.folder)
        held = self._generation
        if held is not None and number is not None and number in (held.number, self._refused):
            return held
        with self._lock:
            if self._generation is not held and self._generation is not None:
                return self._generation  # another thread was here first
            try:
                fresh = generation.load(self.folder)
                self._check_model(fresh)
            except (GenerationUnusable, IndexMismatch) as error:
                if self._generation is None or number is None:
                    raise
                log.error("generation %s refused, serving %d: %s", number, self._generation.number, error)
                self._refused = number
                return self._generation
            self._generation = fresh
            log.info("serving generation %d: %d faces", fresh.number, len(fresh.face_ids))
            return fresh

    def _check_model(self, fresh: Generation) -> None:
        if fresh.model != self.embedder.info.id:
            raise IndexMismatch(
                f"generation {fresh.number} holds vectors of another model than {self.embedder.info.id}: run make index"
            )

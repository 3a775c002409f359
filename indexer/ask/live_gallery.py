"""Gallery held open for many requests: its newest usable generation, and the model that made its vectors."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.faces.detector import WholePicture, load_detector
from niteru.engine.failure import Failure
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.photos.decoding.apart import Decoders
from niteru.engine.work.usable_cores import usable_cores
from niteru.indexer.ask.photo_work import PhotoWork, SharedWork
from niteru.indexer.gallery import GalleryReader, chosen_model
from niteru.indexer.generations.canary import LEAST_COSINE
from niteru.indexer.generations.generation import Generation, GenerationUnusable
from niteru.indexer.storage.address import BackendUnavailable, GalleryBusy
from niteru.indexer.storage.open import open_backend

if TYPE_CHECKING:
    from niteru.indexer.ask.ages import Ages
    from niteru.indexer.ask.published_people import PublishedPeople

log = logging.getLogger("niteru.ask")
TRY_AGAIN_S = 30.0
DECODING_S = 2.0
"""Of processor time for the photo of a question."""
_AGES_KEPT = 8
"""Ranges of ages at which everybody is kept ready, those asked about last."""
_DECODED_AHEAD = 2
"""Photos that are decoded while as many as there are cores are looked at; more would only take memory."""


class IndexMismatch(Failure):
    """The model of the index is missing, or gives other vectors on this machine."""


class LiveGallery:
    """Model and generation that all threads of a process share; each request gets a catalogue connection of its own.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`.
    """

    def __init__(self, address: str | Path) -> None:
        self.address, self.backend = address, open_backend(address)
        self._detector = load_detector()
        self._serving: _Serving | None = None
        self._refused, self._refused_at = -1, 0.0
        self._lock = threading.Lock()
        self._people: PublishedPeople | None = None
        self._aged: dict[Ages, PublishedPeople] = {}
        self._comparing = threading.Lock()
        self.cores = threading.BoundedSemaphore(usable_cores() + 1)
        """Held while networks run: once for each core, and once more, free for somebody while another's keep all."""
        self._decoders = Decoders(DECODING_S)
        self._in_hand = threading.BoundedSemaphore(usable_cores() + _DECODED_AHEAD)

    def photo_work(self, is_wanted: Callable[[], bool]) -> PhotoWork:
        """Where the photos of one question are decoded and looked at, as long as its answer is wanted."""
        return SharedWork(self._decoders, self.cores, self._in_hand, is_wanted)

    def close(self) -> None:
        """End the processes that decode photos, and close the catalogue."""
        self._decoders.close()
        self.backend.let_go()

    def recogniser(self, of: Generation) -> Recogniser:
        """Recogniser with the detector and model of a generation, whose vectors can be compared with its faces."""
        current = self._current()
        # A newer generation may have been published during the request.
        embedder = current.embedder if current.generation.model == of.model else self._embedder_of(of)
        return Recogniser(WholePicture() if of.detector == WholePicture.name else self._detector, embedder)

    def recogniser_of_new_photos(self) -> Recogniser:
        """Recogniser for photos that come in: that of the published faces or, before there are any, the gallery's.

        Raises:
            IndexMismatch: see :meth:`open`.
            ModelUnusable: nothing is published, and the model is missing.
        """
        try:
            return self.recogniser(self._current().generation)
        except GenerationUnusable:
            return Recogniser(self._detector, Embedder(chosen_model(self.address)))

    def open(self) -> GalleryReader:
        """Open the gallery for one request, with the current generation.

        Raises:
            CatalogError, GenerationUnusable: there is nothing to search.
            IndexMismatch: the model of the index is missing, or gives other vectors on this machine.
        """
        return GalleryReader.for_request(self.backend, self._current().generation)

    def everybody(self, gallery: GalleryReader, ages: Ages | None = None) -> PublishedPeople:
        """Everybody of a reader's generation, made ready by the first question about a person.

        Args:
            gallery: the reader.
            ages: by their photos at these ages alone; None by all.
        """
        # A question about a photo needs none of it.
        from niteru.indexer.ask.people_at_ages import people_at_ages
        from niteru.indexer.ask.published_people import published_people

        with self._comparing:
            if self._people is None or self._people.generation != gallery.generation.number:
                self._people, self._aged = published_people(gallery), {}
            if ages is None:
                return self._people
            found = self._aged.pop(ages, None) or people_at_ages(self._people, gallery.generation, ages)
            self._aged = dict([*self._aged.items(), (ages, found)][-_AGES_KEPT:])
            return found

    def warm_up(self) -> None:
        """Open the published generation and check its canary before the first request; failures are logged."""
        self._decoders.warm_up()
        try:
            self._current()
        except (GalleryBusy, GenerationUnusable, BackendUnavailable, IndexMismatch) as error:
            log.warning("not ready: %s", error)

    def _current(self) -> _Serving:
        """The published generation, or the last usable one while a newer one cannot be opened."""
        number = self.backend.generations.current()
        held = self._serving
        if held is not None and number in (held.generation.number, self._refused_lately()):
            return held
        with self._lock:
            if self._serving is not held and self._serving is not None:
                return self._serving  # another thread was here first
            try:
                self._serving = self._opened(number)
            except (GenerationUnusable, IndexMismatch) as error:
                # A missing or differing model needs its owner; only a broken generation falls back to an older one.
                good = self._serving or (self._older(number) if isinstance(error, GenerationUnusable) else None)
                if good is None or number is None:
                    raise
                log.error("generation %s refused, serving %d: %s", number, good.generation.number, error)
                self._serving, self._refused, self._refused_at = good, number, monotonic()
            return self._serving

    def _opened(self, number: int | None) -> _Serving:
        fresh = self.backend.generations.load(number)
        serving = _Serving(fresh, self._embedder_of(fresh))
        log.info("serving generation %d: %d faces", fresh.number, fresh.faces)
        return serving

    def _older(self, broken: int | None) -> _Serving | None:
        """The newest usable generation before a broken one; None if there is none."""
        kept = [number for number in self.backend.generations.published() if broken is not None and number < broken]
        for number in reversed(kept):
            with contextlib.suppress(GenerationUnusable, IndexMismatch):
                return self._opened(number)
        return None

    def _refused_lately(self) -> int:
        """Number of a generation refused within 30 seconds, else -1: its model may be back, so it is tried again."""
        return self._refused if monotonic() - self._refused_at < TRY_AGAIN_S else -1

    def _embedder_of(self, fresh: Generation) -> Embedder:
        """Embedder with a generation's model, checked on the generation's canary."""
        held = self._serving
        try:
            same = held is not None and held.generation.model == fresh.model
            embedder = held.embedder if held and same else Embedder(find_model(fresh.model))
        except ModelUnusable as error:
            raise self._mismatch(
                f"generation {fresh.number} was made by another model: {error}. Run niteru index"
            ) from None
        agreement = fresh.canary.agreement(embedder)
        if agreement < LEAST_COSINE:
            raise self._mismatch(
                f"generation {fresh.number}: {fresh.model} gives other vectors here than when it was published "
                f"(cosine {agreement:.4f}). Run niteru index on this machine: it embeds all faces anew"
            )
        return embedder

    def _mismatch(self, why: str) -> IndexMismatch:
        log.error("%s", why)
        return IndexMismatch(why)


@dataclass(frozen=True, eq=False)
class _Serving:
    generation: Generation
    embedder: Embedder

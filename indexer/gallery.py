"""A gallery: the one door to its catalogue, crops and generations, in whatever backend it lives."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels
from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.networks.model_folder import ModelUnusable, read_info
from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.backend import (
    WORK,
    Backend,
    FaceQueries,
)
from niteru.indexer.storage.open import open_backend

if TYPE_CHECKING:
    from niteru.indexer.storage.crops import Crops


def chosen_model(place: str | Path) -> Path:
    """The folder of the model that a gallery uses; niteru's own where there is no gallery.

    Raises:
        CatalogError, ModelUnusable: as their modules say.
    """
    backend = open_backend(place)
    if not backend.exists():
        return find_model(None)
    with contextlib.closing(Gallery(backend)) as gallery:
        return gallery.model_folder()


class GalleryReader:
    """As much of a gallery as a question needs.

    Args:
        backend: where it lives.
        queries: what is asked of the catalogue.
        current: the generation to search.
    """

    def __init__(self, backend: Backend, queries: FaceQueries, current: Generation | None) -> None:
        """See the class."""
        self.backend, self.name = backend, backend.name
        self._queries, self._generation = queries, current

    @classmethod
    def for_request(cls, backend: Backend, current: Generation) -> GalleryReader:
        """For one request of a service that holds a generation."""
        return GalleryReader(backend, *backend.for_request(current))

    @property
    def crops(self) -> Crops:
        """Pictures of the faces."""
        return self.backend.crops

    @property
    def queries(self) -> FaceQueries:
        """What can be asked of the catalogue in any backend."""
        return self._queries

    @property
    def generation(self) -> Generation:
        """The current generation, opened at first use.

        Raises:
            GenerationUnusable: see :meth:`niteru.indexer.generations.store.GenerationStore.load`.
        """
        if self._generation is None:
            self._generation = self.backend.generations.load()
        return self._generation

    def crop(self, face: int) -> Pixels | None:
        """The kept crop of a face, uint8 RGB (112, 112, 3); None if it is lost or unreadable."""
        return self.crops.load(face)

    def resolve(self, ref: str) -> FaceRow | None:
        """The face a ``REF`` speaks of: ``face:123``, or the person's face in a photo of the gallery."""
        number = ref.removeprefix("face:")
        if number != ref and _is_id(number):
            return self._queries.faces([int(number)]).get(int(number))
        # Accents come composed or not, as the file system or the keyboard had it.
        for spelling in (ref, unicodedata.normalize("NFC", ref), unicodedata.normalize("NFD", ref)):
            faces = self._queries.faces_of_photo(spelling) if _is_text(spelling) else []
            if faces:
                return faces[0]
        return None

    def vector(self, face: int) -> NDArray[np.float32] | None:
        """The vector of a face by the model of the current generation, float32 (dimension,).

        The generation knows the faces it was made of, also while the catalogue already holds another model's vectors.
        """
        published = self.generation.vector(face)
        return self._queries.vector(face, self.generation.model) if published is None else published

    def close(self) -> None:
        """Close the catalogue."""
        self._queries.close()


class Gallery(GalleryReader):
    """People, photos, faces and vectors.

    Args:
        place: a folder or another address, see :func:`niteru.indexer.storage.open.open_backend`; or the backend itself.
        readonly: everything but enrolment.
        copying: also one that is not whole because it is being copied into.

    Raises:
        CatalogError: see :class:`~niteru.indexer.catalog.catalog.Catalog`; half a copy.
        BadAddress, BackendUnavailable: see :func:`niteru.indexer.storage.open.open_backend`.
    """

    def __init__(self, place: str | Path | Backend, *, readonly: bool = True, copying: bool = False) -> None:
        """See the class."""
        backend = place if isinstance(place, Backend) else open_backend(place)
        self.catalog = backend.catalog(readonly=readonly)
        source = None if copying else self.catalog.half_a_copy_of
        if source is not None:
            self.catalog.close()
            raise CatalogError(f"{backend.name} is half a copy: end it with niteru copy {source} {backend.name}")
        super().__init__(backend, self.catalog.queries, None)
        self.folder, self.generations = backend.folder, backend.generations

    @classmethod
    @contextlib.contextmanager
    def writing(cls, place: str | Path, *, readonly: bool = False, copying: bool = False) -> Iterator[Self]:
        """A gallery that nobody else writes to meanwhile; made if it is not there.

        Args:
            place: see the class.
            readonly: only to look at, undisturbed.
            copying: see the class.

        Raises:
            GalleryBusy: another run is at work.
            CatalogError, BadAddress, BackendUnavailable: see the class.
        """
        backend = open_backend(place)
        with backend.lock(), contextlib.closing(cls(backend, readonly=readonly, copying=copying)) as gallery:
            yield gallery

    def model_folder(self) -> Path:
        """The folder of the model that the gallery uses; niteru's own where none was chosen.

        Raises:
            ModelUnusable: the one that was chosen is not there any more.
        """
        chosen = self.catalog.queries.setting("model")
        if chosen is None:
            return find_model(None)
        try:
            return find_model(chosen)
        except ModelUnusable:
            # The weights of that name were made anew: niteru was updated.
            return find_model(chosen.rpartition(":")[0])

    def choose_model(self, model: Path) -> None:
        """Use another model, one of those at hand, from now on. Must run in a transaction."""
        self.catalog.set_setting("model", read_info(model, ModelInfo).id)

    @property
    def work_folder(self) -> Path:
        """Where long work keeps what is done; nothing there is needed, and erasing what was forgotten removes it."""
        return self.folder / WORK

    def lost_crops(self) -> list[int]:
        """Faces of the catalogue that have no crop any more."""
        return sorted(self.catalog.queries.face_ids() - self.crops.kept())

    def sweep_crops(self) -> None:
        """Remove the crops of faces that are gone."""
        self.crops.sweep(self.catalog.queries.face_ids())


def _is_id(text: str) -> bool:
    # More digits than SQLite's integers hold name no face.
    return text.isascii() and text.isdigit() and len(text) < 18


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:  # half a character, from a file name that is no UTF-8
        return False

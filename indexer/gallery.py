"""Gallery: the one way to its catalogue, crops and generations, whatever backend stores them."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
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
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.generations.generation import Generation
from niteru.indexer.storage.backend import WORK, Backend, FaceQueries
from niteru.indexer.storage.open import open_backend

if TYPE_CHECKING:
    from niteru.indexer.storage.crops import Crops
    from niteru.indexer.storage.report_folder import Origin
    from niteru.indexer.storage.reports import Reports

_MOST_VARIED = 6
"""Parts of a path whose spellings are all tried."""


def chosen_model(address: str | Path) -> Path:
    """Folder of the model that a gallery uses; of niteru's own model where there is no gallery.

    Raises:
        CatalogError: the catalogue cannot be read.
        ModelUnusable: the chosen model is missing.
    """
    backend = open_backend(address)
    if not backend.exists():
        return find_model(None)
    with contextlib.closing(Gallery(backend)) as gallery:
        return gallery.model_folder()


class GalleryReader:
    """The part of a gallery that a question needs.

    Args:
        backend: storage of the gallery.
        queries: read access to the catalogue.
        current: the generation to search; None for the published one, opened at first use.
    """

    def __init__(self, backend: Backend, queries: FaceQueries, current: Generation | None) -> None:
        self.backend, self.name = backend, backend.name
        self._queries, self._generation = queries, current

    @classmethod
    def for_request(cls, backend: Backend, current: Generation) -> GalleryReader:
        """Reader for one request of a service that holds a generation open."""
        return GalleryReader(backend, *backend.for_request(current))

    @property
    def crops(self) -> Crops:
        """Store of the aligned pictures of the faces."""
        return self.backend.crops

    @property
    def queries(self) -> FaceQueries:
        """Questions to the catalogue that every backend answers."""
        return self._queries

    @property
    def generation(self) -> Generation:
        """The current generation, opened at first use.

        Raises:
            GenerationUnusable: nothing is published, or it is damaged.
        """
        if self._generation is None:
            self._generation = self.backend.generations.load()
        return self._generation

    def crop(self, face: int) -> Pixels | None:
        """Aligned picture of a face, uint8 RGB (112, 112, 3); None if it is lost or unreadable."""
        return self.crops.load(face)

    def resolve(self, ref: str) -> FaceRow | None:
        """The face that a ``REF`` names: ``face:123``, or the labelled face in a photo of the gallery."""
        number = ref.removeprefix("face:")
        if number != ref and _is_id(number):
            return self._queries.faces([int(number)]).get(int(number))
        # Accents come composed or decomposed, as the file system or the keyboard has it.
        for spelling in (ref, *_spellings(ref)):
            faces = self._queries.faces_of_photo(spelling) if _is_text(spelling) else []
            if faces:
                return faces[0]
        return None

    def vector(self, face: int) -> NDArray[np.float32] | None:
        """The vector of a face by the current generation's model, float32 (dimension,); None if there is none.

        The generation has its own copy, for the catalogue may already contain another model's vectors.
        """
        published = self.generation.vector(face)
        return self._queries.vector(face, self.generation.model) if published is None else published

    def close(self) -> None:
        """Close the catalogue."""
        self._queries.close()


class Gallery(GalleryReader):
    """A gallery with its whole catalogue.

    Args:
        address: see :func:`niteru.indexer.storage.open.open_backend`; or the backend itself.
        readonly: for everything but enrolment and forgetting.
        copying: open a gallery that an unfinished copy left incomplete, too.

    Raises:
        CatalogError: the catalogue is missing or cannot be read, or the gallery is half a copy.
        BadAddress, BackendUnavailable: see :func:`niteru.indexer.storage.open.open_backend`.

    Example:
        >>> from niteru.engine.drawn import write_people
        >>> from niteru.indexer.update.enrol import update
        >>> drawn = list(write_people(Path("photos"), people=5, photos=3))      # five people who do not exist
        >>> summary = update("gallery", "photos")
        >>> with contextlib.closing(Gallery("gallery")) as gallery:
        ...     face = gallery.resolve("José/José_0001.jpg")
        ...     face.person, gallery.crop(face.id).shape, gallery.generation.number
        ('José', (112, 112, 3), 1)
    """

    def __init__(self, address: str | Path | Backend, *, readonly: bool = True, copying: bool = False) -> None:
        backend = address if isinstance(address, Backend) else open_backend(address)
        self.catalog = backend.catalog(readonly=readonly)
        source = None if copying else self.catalog.half_a_copy_of
        if source is not None:
            self.catalog.close()
            raise CatalogError(f"{backend.name} is half a copy: complete it with niteru copy {source} {backend.name}")
        super().__init__(backend, self.catalog.queries, None)
        self.folder, self.generations = backend.folder, backend.generations

    @classmethod
    @contextlib.contextmanager
    def writing(cls, address: str | Path, *, readonly: bool = False, copying: bool = False) -> Iterator[Self]:
        """Open a gallery and hold its lock, so that no other run writes to it; a missing one is made.

        Args:
            address: see :func:`niteru.indexer.storage.open.open_backend`.
            readonly: hold the lock, but change nothing.
            copying: see the class.

        Raises:
            GalleryBusy: another run holds the lock.
            CatalogError, BadAddress, BackendUnavailable: see the class.
        """
        backend = open_backend(address)
        with backend.lock(), contextlib.closing(cls(backend, readonly=readonly, copying=copying)) as gallery:
            yield gallery

    def model_folder(self) -> Path:
        """Folder of the model that the gallery uses; of niteru's own model where none was chosen.

        Raises:
            ModelUnusable: the chosen model is missing.
        """
        chosen = self.catalog.queries.setting("model")
        if chosen is None:
            return find_model(None)
        try:
            return find_model(chosen)
        except ModelUnusable:
            # An update of niteru brought new weights under the same name.
            return find_model(chosen.rpartition(":")[0])

    def model(self) -> ModelInfo:
        """Card of the model that the gallery uses.

        Raises:
            ModelUnusable: the chosen model is missing, or damaged.
        """
        return read_info(self.model_folder(), ModelInfo)

    def choose_model(self, model: Path) -> None:
        """Use another model from now on, one that is installed. Must run in a transaction."""
        self.catalog.set_setting("model", read_info(model, ModelInfo).id)

    @property
    def work_folder(self) -> Path:
        """Folder for finished parts of long work, all of which can be computed again; an erasure removes it."""
        return self.folder / WORK

    @contextlib.contextmanager
    def passing_folder(self) -> Iterator[Path]:
        """Folder for work that nobody goes on with; what a killed process leaves there, an erasure removes."""
        with contextlib.ExitStack() as held:
            made = None
            with contextlib.suppress(OSError):  # the gallery may be read-only
                self.work_folder.mkdir(exist_ok=True)
                if _room(self.work_folder) >= _room(Path(tempfile.gettempdir())):  # its disk may be full
                    made = tempfile.TemporaryDirectory(dir=self.work_folder, ignore_cleanup_errors=True)
            if made is None:
                made = tempfile.TemporaryDirectory(prefix=self._passing_name, ignore_cleanup_errors=True)
            yield Path(held.enter_context(made))

    def passing_folders(self) -> list[Path]:
        """Folders among the system's temporary ones that work on this gallery uses or has left."""
        return sorted(Path(tempfile.gettempdir()).glob(f"{self._passing_name}*"))

    @property
    def _passing_name(self) -> str:
        return f"niteru-{self.catalog.gallery_id}-"

    @property
    def reports(self) -> Reports:
        """Reports of the gallery."""
        from niteru.indexer.storage.reports import Reports

        return Reports(self.backend.folders(), self.backend.identity(self.catalog))

    @property
    def origin(self) -> Origin:
        """Origin of a report that is made of the catalogue as it is opened here."""
        from niteru.indexer.storage.report_folder import Origin

        return Origin(self.backend.identity(self.catalog), self.catalog.erasures())

    def lost_crops(self) -> list[int]:
        """Ids of the faces whose crop is lost, ascending."""
        return sorted(self.catalog.queries.face_ids() - self.crops.kept())

    def sweep_crops(self) -> None:
        """Remove the crops of faces that the catalogue no longer has."""
        self.crops.remove(self.crops.sizes().keys() - self.catalog.queries.face_ids())

    def drop_crops(self) -> None:
        """Remove the crops of faces that were deleted since the gallery was opened, without looking for others."""
        self.crops.remove(self.catalog.deleted_faces())


def _room(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _spellings(ref: str) -> Iterator[str]:
    """A path with each of its parts composed or decomposed: folders and files may come from different systems."""
    parts = [(unicodedata.normalize("NFC", part), unicodedata.normalize("NFD", part)) for part in ref.split("/")]
    varied = sum(one != other for one, other in parts) <= _MOST_VARIED
    for chosen in itertools.product(*(dict.fromkeys(part) if varied else part[:1] for part in parts)):
        yield "/".join(chosen)


def _is_id(text: str) -> bool:
    # A number with more digits than SQLite's integers can hold is no id.
    return text.isascii() and text.isdigit() and len(text) < 18


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:  # a lone surrogate, from a file name that is not UTF-8
        return False

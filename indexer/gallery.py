"""A gallery on disk: the one door to its catalogue, crops and current generation."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.embedder import ModelInfo
from engine.model_folder import ModelUnusable, read_info
from engine.model_zoo import find_model
from engine.photo import PhotoError, Pixels, decode
from indexer import generation
from indexer.catalog import Catalog
from indexer.crowding import hubs
from indexer.generation import Generation
from indexer.rows import FaceRow

DEFAULT = "gallery"
CATALOG = "catalog.sqlite"


def default_folder() -> Path:
    """``NITERU_GALLERY``, or ``gallery`` in the working folder."""
    return Path(os.environ.get("NITERU_GALLERY", DEFAULT))


def chosen_model(folder: Path) -> Path:
    """The folder of the model that a gallery uses; niteru's own where there is no gallery.

    Raises:
        CatalogError, ModelUnusable: as their modules say.
    """
    if not (folder / CATALOG).is_file():
        return find_model(None)
    gallery = Gallery(folder)
    try:
        return gallery.model_folder()
    finally:
        gallery.close()


class Gallery:
    """People, photos, faces and vectors in one folder.

    Args:
        folder: of the gallery.
        readonly: everything but enrolment.

    Raises:
        CatalogError: see :class:`~indexer.catalog.Catalog`.
    """

    def __init__(self, folder: Path, *, readonly: bool = True) -> None:
        """See the class."""
        self.folder = folder
        self.catalog = Catalog(folder / CATALOG, readonly=readonly)
        self._generation: Generation | None = None

    def model_folder(self) -> Path:
        """The folder of the model that the gallery uses; niteru's own where none was chosen.

        Raises:
            ModelUnusable: the one that was chosen is not there any more.
        """
        chosen = self.catalog.setting("model")
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
    def generation(self) -> Generation:
        """The current generation, opened at first use.

        Raises:
            GenerationUnusable: see :func:`indexer.generation.load`.
        """
        if self._generation is None:
            self._generation = generation.load(self.folder)
        return self._generation

    def use(self, current: Generation) -> None:
        """Search this generation, opened elsewhere, instead of opening one."""
        self._generation = current

    @property
    def work_folder(self) -> Path:
        """Where long work keeps what is done; nothing there is needed, and erasing what was forgotten removes it."""
        return self.folder / "work"

    def crop_file(self, face: int) -> Path:
        """Where the aligned crop of a face lies (thousands a folder: file systems tire of millions)."""
        return self.folder / "crops" / f"{face // 1000:04d}" / f"{face}.jpg"

    def save_crop(self, face: int, crop: Pixels) -> None:
        """Keep an aligned crop, uint8 RGB (112, 112, 3)."""
        file = self.crop_file(face)
        file.parent.mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
        file.write_bytes(data.tobytes())

    def crop(self, face: int) -> Pixels | None:
        """The kept crop of a face, uint8 RGB (112, 112, 3); None if it is lost or unreadable."""
        try:
            return decode(self.crop_file(face))
        except PhotoError:
            return None

    def lost_crops(self) -> list[int]:
        """Faces of the catalogue that have no crop any more."""
        files = (self.folder / "crops").glob("*/*.jpg")
        # A power cut leaves files without content.
        kept = {int(file.stem) for file in files if file.stem.isdigit() and file.stat().st_size}
        return sorted(self.catalog.face_ids() - kept)

    def copy_crop(self, face: int, copy: int) -> None:
        """Keep a face's crop for another face, too; a lost one stays lost."""
        if self.crop_file(face).is_file():
            self.crop_file(copy).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.crop_file(face), self.crop_file(copy))

    def sweep_crops(self) -> None:
        """Remove the crops of faces that are gone."""
        living = self.catalog.face_ids()
        for file in (self.folder / "crops").glob("*/*.jpg"):
            if file.stem.isdigit() and int(file.stem) not in living:
                file.unlink()

    def resolve(self, ref: str) -> FaceRow | None:
        """The face a ``REF`` speaks of: ``face:123``, or the person's face in a photo of the gallery."""
        number = ref.removeprefix("face:")
        if number != ref and _is_id(number):
            return self.catalog.faces([int(number)]).get(int(number))
        # Accents come composed or not, as the file system or the keyboard had it.
        for spelling in (ref, unicodedata.normalize("NFC", ref), unicodedata.normalize("NFD", ref)):
            faces = self.catalog.faces_of_photo(spelling) if _is_text(spelling) else []
            if faces:
                return faces[0]
        return None

    def vector(self, face: int) -> NDArray[np.float32] | None:
        """The vector of a face by the model of the current generation, float32 (dimension,).

        The generation knows the faces it was made of, also while the catalogue already holds another model's vectors.
        """
        published = self.generation.vector(face)
        return self.catalog.vector(face, self.generation.model) if published is None else published

    def nearest(
        self, query: NDArray[np.float32], k: int, without_person: int | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The nearest labelled faces.

        Args:
            query: unit vector, float32 (dimension,).
            k: how many.
            without_person: leave this person's faces out.

        Returns:
            Similarities (k',) and face ids (k',), the most alike first; fewer than k only if no more exist.
        """
        current = self.generation
        allowed = None if without_person is None else current.person_ids != without_person
        similarities, rows = current.index.search(query[None], k, allowed)
        return similarities[0], current.face_ids[rows[0]]

    def stats(self) -> dict[str, object]:
        """Numbers for people and programs."""
        number = generation.current(self.folder)
        said = generation.manifest_of(self.folder, number) if number else {}
        return {
            **self.catalog.counts(),
            "generation": number,
            "model": said.get("model"),
            "index": said.get("kind"),
            "recall": said.get("recall_of_others"),
        }

    def hubs(self, most: int = 20) -> list[tuple[FaceRow, float]]:
        """The faces that are a little like everybody, and how much more crowded than usual, the most crowded first."""
        current = self.generation
        rows = {int(current.face_ids[row]): float(current.crowding[row]) for row in hubs(current.crowding)}
        known = self.catalog.faces(rows)
        return [(known[face], crowded) for face, crowded in rows.items() if face in known][:most]

    def close(self) -> None:
        """Close the catalogue."""
        self.catalog.close()


def _is_id(text: str) -> bool:
    # More digits than SQLite's integers hold name no face.
    return text.isascii() and text.isdigit() and len(text) < 18


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:  # half a character, from a file name that is no UTF-8
        return False

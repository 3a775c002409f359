"""Forget a person or a photo: out of the catalogue, the crops, the index and every older one, with proof."""

from __future__ import annotations

import contextlib
from collections.abc import ItemsView, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.networks.model_folder import ModelUnusable, read_info
from niteru.engine.photos.remote import exists, is_remote
from niteru.indexer.ask.not_found import ImageNotFound, PersonNotFound
from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.catalog.rows import FaceVector, PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.calibration import Calibration, model_calibration
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.open import open_backend
from niteru.indexer.storage.reports import holds_report, known_reports
from niteru.indexer.update.publishing import erase, publish_faces
from niteru.indexer.update.traces import Traces


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was forgotten, and how that was checked; no vector, no picture.

    Attributes:
        person: whose wish it was; None where single photos were named.
        at: when, ISO 8601 in UTC.
        photos: of theirs, and any with the same bytes under another name.
        faces: in those photos.
        elsewhere: further faces without a name that were too like them to be others, out of other people's photos.
        generation: that answers now; None if nobody is left, or the gallery's model is missing.
        generations_removed: older ones, which held the vectors too.
        questions: searches with each forgotten face that the gallery answers now.
        answered: how many of them were answered with a forgotten face.
        files: of the gallery that were read to the last byte.
        traces: those of them in which something was left.
        still_in_faces: photos that still lie where they were indexed from; ``niteru index`` passes them over.
        reports: of the gallery that were taken away.
        reports_left: those that could not be.
    """

    person: str | None
    at: str
    photos: list[str]
    faces: int
    elsewhere: int
    generation: int | None
    generations_removed: list[int]
    questions: int
    answered: int
    files: int
    traces: list[str]
    still_in_faces: list[str]
    reports: list[str]
    reports_left: list[str]

    @property
    def clean(self) -> bool:
        """Whether nothing was left."""
        return not self.answered and not self.traces and not self.reports_left


def forget(place: str | Path, person: str | None = None, photos: Iterable[str] = ()) -> Receipt:
    """Forget a person with all photos, or single photos, and keep them from coming in again.

    If it is interrupted, the next run of this or of ``niteru index`` ends it.

    Args:
        place: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`.
        person: a name.
        photos: or paths below FACES.

    Raises:
        PersonNotFound, ImageNotFound: no such person or photo.
        GalleryBusy: another run is at work.
        CatalogError: no gallery, or somebody reads the catalogue for so long that its log cannot be emptied.
    """
    if not open_backend(place).exists():
        raise CatalogError(f"{place}: no gallery here")
    with Gallery.writing(place) as gallery:
        interrupted = gallery.catalog.erasing()
        if interrupted:
            _settle(gallery)
        return _Forgetting(gallery, person, list(photos), interrupted).run()


class _Forgetting:
    """One wish."""

    def __init__(self, gallery: Gallery, person: str | None, photos: list[str], interrupted: bool) -> None:
        self.gallery, self.catalog, self.person = gallery, gallery.catalog, person
        self.interrupted = interrupted
        self.reports = {place for place in known_reports(gallery.folder) if holds_report(place)}
        self.wanted = self._wanted(person, photos)
        self.vectors = self.catalog.queries.vectors_of_photos(photo.ref for photo in self.wanted)
        self.elsewhere = self._elsewhere() if person is not None else []
        gone = self.vectors + self.elsewhere
        crops = [data for face in gone if (data := gallery.crops.data(face.face))]
        self.traces = Traces([face.vector.tobytes() for face in gone], crops)

    def run(self) -> Receipt:
        before = self.gallery.generations.published()
        with self.catalog.transaction():
            contents = {photo.sha256 for photo in self.wanted if photo.sha256}
            SuppressionList(self.catalog).remember([] if self.person is None else [self.person], contents)
            for photo in self.wanted:
                self.catalog.remove_photo(photo.ref)
            self.catalog.remove_faces(face.face for face in self.elsewhere)
            self.catalog.drop_empty_people()
            self.catalog.begin_erasure()
            self.catalog.note("forgot", {"photos": len(self.wanted), "faces": len(self.vectors)})
        _settle(self.gallery)
        return self._receipt(before)

    def _wanted(self, person: str | None, photos: list[str]) -> list[PhotoState]:
        """The photos, and all with the same bytes."""
        known = self.catalog.queries.photos()
        people = {photo.person for photo in known.values()}
        ended = self.interrupted and person is not None and SuppressionList(self.catalog).forgets(person)
        if person is not None and person not in people and not ended:
            raise PersonNotFound(_unknown(f"nobody called {person}", person, people, self.gallery.name))
        for ref in photos:
            if ref not in known and not self.interrupted:
                raise ImageNotFound(_unknown(f"no photo {ref}", ref, known, self.gallery.name))
        named = [photo for photo in known.values() if photo.person == person or photo.ref in set(photos)]
        contents = {photo.sha256 for photo in named if photo.sha256}
        refs = {photo.ref for photo in named}
        return [photo for photo in known.values() if photo.ref in refs or photo.sha256 in contents]

    def _elsewhere(self) -> list[FaceVector]:
        """Faces that nobody named, in the background of other people's photos, that are probably the person's."""
        taken = {face.face for face in self.vectors}
        named = {face.id for face in self.catalog.queries.faces_of_person(str(self.person))}
        found = []
        for model, least in self._thresholds():
            theirs = [face.vector for face in self.vectors if face.model == model and face.face in named]
            strangers = [face for face in self.catalog.queries.vectors_of_nobody(model) if face.face not in taken]
            if strangers and theirs:
                alike = (np.stack([face.vector for face in strangers]) @ np.stack(theirs).T).max(axis=1)
                limit = least.same_person(len(theirs))
                found += [face for face, similarity in zip(strangers, alike, strict=True) if similarity >= limit]
        return found

    def _thresholds(self) -> ItemsView[str, Calibration]:
        """By model, how alike strangers are: by the gallery's own measure, or else by the model's."""
        known: dict[str, Calibration] = {}
        with contextlib.suppress(ModelUnusable):
            info = read_info(self.gallery.model_folder(), ModelInfo)
            known[info.id] = model_calibration(info.calibration)
        with contextlib.suppress(GenerationUnusable):
            known[self.gallery.generation.model] = self.gallery.generation.calibration
        return known.items()

    def _receipt(self, before: list[int]) -> Receipt:
        folder, generations = self.gallery.folder, self.gallery.generations
        now, left = generations.current(), set(known_reports(folder))
        questions, answered = self._ask(now)
        files = self.gallery.backend.files()
        kept = set(generations.published())
        return Receipt(
            person=self.person,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            photos=[photo.ref for photo in self.wanted],
            faces=len(self.vectors),
            elsewhere=len(self.elsewhere),
            generation=now,
            generations_removed=[number for number in before if number not in kept],
            questions=questions,
            answered=answered,
            files=len(files),
            traces=[_within(file, folder) for file in self.traces.left_in(files)],
            still_in_faces=self._still_there(),
            reports=sorted(str(place) for place in self.reports - left),
            reports_left=sorted(map(str, left)),
        )

    def _ask(self, now: int | None) -> tuple[int, int]:
        """Search for each forgotten face; how many searches, and how many found a forgotten face."""
        if now is None:
            return 0, 0
        current = self.gallery.generations.load(now)
        gone = self.vectors + self.elsewhere
        asked = [face.vector for face in gone if face.model == current.model]
        ids = [face.face for face in gone]
        return len(asked), sum(bool(np.isin(current.nearest(one, 10).face_ids, ids).any()) for one in asked)

    def _still_there(self) -> list[str]:
        faces = self.catalog.queries.setting("faces")
        if is_remote(faces):
            addresses = [f"{str(faces).rstrip('/')}/{photo.ref}" for photo in self.wanted]
            return [address for address in addresses if exists(address)]
        root = Path(faces or ".")
        below = root.parent if root.is_file() else root
        paths = [below / photo.ref for photo in self.wanted] if faces else []
        return [str(path) for path in paths if path.exists()]


def _settle(gallery: Gallery) -> None:
    """Publish without what was forgotten, and leave nothing of it."""
    try:
        publish_faces(gallery, Embedder(gallery.model_folder()), gallery.catalog.queries.detector() or "")
    except ModelUnusable:
        # Nothing can be published without the model, and nothing that holds the vectors may stay.
        gallery.generations.withdraw()
        gallery.sweep_crops()
    erase(gallery)


def _within(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder) if file.is_relative_to(folder) else file)


def _unknown(what: str, name: str, names: Iterable[str], gallery: str) -> str:
    near = get_close_matches(name, names, 3)
    return f"{gallery}: {what}" + (f"; did you mean {' or '.join(near)}?" if near else "")

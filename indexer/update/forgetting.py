"""Forgetting of people and photos: erased from catalogue, crops, generations and reports, with proof.

The catalogue comes first: from that moment nobody is answered with the forgotten, and no report from before is shown.
Whatever fails after it is told in the receipt, is named by ``niteru verify``, and can be done again.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import drop_prepared
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.photos.person_name import group_number, name_key
from niteru.engine.photos.remote import exists
from niteru.engine.photos.source import is_remote
from niteru.indexer.catalog.catalog import TOLD
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.history import FORGOT
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.catalog.verdicts import NEVER_TAKEN_BACK, VerdictKind
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.name_book import NameBook
from niteru.indexer.storage.open import open_backend
from niteru.indexer.storage.reports import Found
from niteru.indexer.update.chosen_photos import Chosen, choose
from niteru.indexer.update.proof import Proof, finishing
from niteru.indexer.update.publishing import erase, publish_faces
from niteru.indexer.update.receipt import Receipt
from niteru.indexer.update.said_of import said_of_nobody, values_of

log = logging.getLogger("niteru")


def forget(
    address: str | Path, person: str | None = None, photos: Iterable[str] = (), shown: Iterable[Path] = ()
) -> Receipt:
    """Forget a person with all photos, or single photos, and keep them from coming in again.

    An earlier forgetting that was interrupted is ended first. With neither a person nor photos, that is all: it is
    ended as far as it was not, and everything that can be checked without their faces is checked again.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`.
        person: a name, in any spelling; the number of a group; or ``face:ID``.
        photos: or paths below FACES.
        shown: folders whose reports are shown somewhere, besides those that the gallery remembers.

    Raises:
        PersonNotFound, FaceNotFound, ImageNotFound: there is no such person, face or photo.
        GalleryBusy: another run holds the gallery.
        CatalogError: there is no gallery.
    """
    with _held(address) as gallery:
        ending = _Ending(gallery, [folder.resolve() for folder in shown])
        interrupted = gallery.catalog.erasing()
        if interrupted:
            ending.carry_out()
        chosen = choose(gallery, person, list(photos), interrupted=interrupted)
        crops = [data for face in chosen.faces + chosen.elsewhere if (data := gallery.crops.data(face.face))]
        said = values_of(gallery.catalog, (photo.ref for photo in chosen.photos), chosen.names)
        if chosen.photos or chosen.elsewhere or chosen.spoken_of:
            _suppress(gallery, chosen)
        ending.carry_out()
        texts = said_of_nobody(gallery.catalog, said)
        proof = Proof(gallery, chosen.faces + chosen.elsewhere, crops, texts)
        proof.carry_out()
        return _receipt(gallery, chosen, ending, proof)


def lost_by_others(address: str | Path, person: str | None = None, photos: Iterable[str] = ()) -> dict[str, int]:
    """Other people who would lose photos with a person or photos, and how many they would keep.

    Args, errors: as of :func:`forget`.
    """
    with _held(address, readonly=True) as gallery:
        return choose(gallery, person, list(photos), interrupted=gallery.catalog.erasing()).others


@contextlib.contextmanager
def _held(address: str | Path, *, readonly: bool = False) -> Iterator[Gallery]:
    """Hold a gallery that is there: to forget somebody makes none."""
    if not open_backend(address).exists():
        raise CatalogError(f"{address}: no gallery here")
    with Gallery.writing(address, readonly=readonly) as gallery:
        yield gallery


def _suppress(gallery: Gallery, chosen: Chosen) -> None:
    """Take them out of the catalogue, all in one transaction, and note that their bytes are still to be erased."""
    catalog = gallery.catalog
    with catalog.transaction():
        catalog.history.record()  # what an interrupted run has done is still told
        contents = {photo.sha256 for photo in chosen.photos if photo.sha256}
        people = [name for name in chosen.names if group_number(name) is None]
        SuppressionList(catalog).remember(people, contents)
        book = NameBook(catalog)
        keys = {name_key(book.today(name)) for name in chosen.names}
        catalog.verdicts.drop(lambda name, step: name_key(book.today(name, step)) in keys, contents)
        catalog.claims.drop(chosen.names)
        catalog.verdicts.give(NEVER_TAKEN_BACK, (face.face for face in chosen.elsewhere), VerdictKind.FORGOTTEN)
        for photo in chosen.photos:
            catalog.remove_photo(photo.ref)
        catalog.remove_faces(face.face for face in chosen.elsewhere)
        catalog.labels.drop_empty_people()
        catalog.history.forget(lambda name: name_key(name) in keys | {name_key(one) for one in chosen.names})
        catalog.history.record_in_silence()
        catalog.drop_setting(TOLD)
        catalog.begin_erasure()
        catalog.note(FORGOT, {"photos": len(chosen.photos), "faces": len(chosen.faces)})


class _Ending:
    """What follows on the catalogue: reports, generations and bytes of the forgotten go.

    Args:
        gallery: opened for writing.
        shown: folders whose reports are shown somewhere.
    """

    def __init__(self, gallery: Gallery, shown: list[Path]) -> None:
        self._gallery, self._shown = gallery, shown
        self.generations = gallery.generations.published()
        self.reports: set[Path] = set()
        """Folders of reports that were removed."""
        self.failures: list[str] = []

    def carry_out(self) -> None:
        """Take all steps; one that fails is noted, and keeps none of the others from being taken."""
        self.failures.clear()
        steps = [self._withdraw_reports]
        if self._gallery.catalog.erasing():
            steps += [self._publish, self._drop_prepared_crops, self._erase]
        for step in steps:
            try:
                step()
            except Exception as error:  # whatever it is, the receipt has to say so
                log.debug("forgetting", exc_info=True)
                self.failures.append(f"{error or type(error).__name__}; {finishing(self._gallery)} tries again")

    def reports_left(self) -> Found:
        """Reports that show the forgotten and are still there, or cannot be looked at."""
        return self._gallery.reports.outdated(self._gallery.catalog.erasures(), self._shown)

    def _withdraw_reports(self) -> None:
        before = self.reports_left().reports.keys()
        self._gallery.reports.withdraw(self._gallery.catalog.erasures(), self._shown)
        self.reports |= before - self.reports_left().reports.keys()

    def _publish(self) -> None:
        """Publish without the forgotten; where that fails, no generation stays."""
        gallery = self._gallery
        try:
            publish_faces(gallery, Embedder(gallery.model_folder()), gallery.catalog.queries.detector() or "")
        except Exception as error:
            gallery.generations.withdraw()
            gallery.sweep_crops()
            if not isinstance(error, ModelUnusable):  # nothing can be published without the model
                raise

    def _drop_prepared_crops(self) -> None:
        faces = self._gallery.catalog.queries.setting("faces")
        if faces is not None and not is_remote(faces):
            drop_prepared(Path(faces))

    def _erase(self) -> None:
        erase(self._gallery)


def _receipt(gallery: Gallery, chosen: Chosen, ending: _Ending, proof: Proof) -> Receipt:
    left, kept = ending.reports_left(), set(gallery.generations.published())
    return Receipt(
        person=chosen.who,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        photos=[photo.ref for photo in chosen.photos],
        faces=len(chosen.faces),
        elsewhere=len(chosen.elsewhere),
        others=chosen.others,
        generation=gallery.generations.current(),
        generations_removed=[number for number in ending.generations if number not in kept],
        questions=proof.questions,
        answered=proof.answered,
        files=proof.files,
        traces=proof.traces,
        still_in_faces=_still_in_faces(gallery, chosen),
        reports=sorted(map(str, ending.reports)),
        reports_left=sorted(map(str, left.reports.keys() | left.out_of_reach.keys())),
        unfinished=ending.failures + left.untrusted + proof.unfinished,
    )


def _still_in_faces(gallery: Gallery, chosen: Chosen) -> list[str]:
    faces = gallery.catalog.queries.setting("faces")
    if is_remote(faces):
        addresses = [f"{str(faces).rstrip('/')}/{photo.ref}" for photo in chosen.photos]
        return [address for address in addresses if exists(address)]
    root = Path(faces or ".")
    below = root.parent if root.is_file() else root
    paths = [below / photo.ref for photo in chosen.photos] if faces else []
    return [str(path) for path in paths if path.exists()]

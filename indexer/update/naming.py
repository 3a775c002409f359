"""Names by hand, in a gallery that nobody else writes to meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.networks.model_folder import read_info
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives.told import Told
from niteru.indexer.naming.by_hand import NOTHING, ByHand, Word
from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.publishing import publish_faces

Said = Callable[[ByHand, ModelInfo], Word]
"""What somebody says, as a call of one of the methods."""


def name(who: Iterable[str], called: str, told: Told = NOTHING) -> Said:
    """Say who some are; see :meth:`niteru.indexer.naming.by_hand.ByHand.name`."""
    return lambda by_hand, _: by_hand.name(who, called, told)


def tell(who: Iterable[str], told: Told) -> Said:
    """Tell something of people; see :meth:`niteru.indexer.naming.by_hand.ByHand.tell`."""
    return lambda by_hand, _: by_hand.tell(who, told)


def split(who: Iterable[str]) -> Said:
    """Say that some belong together, and not to their group."""
    return lambda by_hand, _: by_hand.split(who)


def set_aside(who: Iterable[str], kind: VerdictKind) -> Said:
    """Say that some are nobody, or no faces."""
    return lambda by_hand, _: by_hand.set_aside(who, kind)


def take_back() -> Said:
    """Take back the last thing that was said."""
    return lambda by_hand, model: by_hand.take_back(model)


def say(address: str | Path, said: Said, *, publish: bool = True) -> Word:
    """Carry out what somebody says by hand, and note it.

    Args:
        address: of the gallery, see :func:`niteru.indexer.storage.open.open_backend`.
        said: by one of the functions of this module.
        publish: publish a generation at once; without it, answers have the new names all the same, and
            :func:`publish`, or whatever publishes next, moves the faces.

    Raises:
        BadName: a name cannot be a person's, or something is told of those who have none.
        BadFact: what is told cannot be so.
        PersonNotFound, FaceNotFound: somebody who is meant is not there.
        NothingToTakeBack: there is nothing to take back.
        GalleryBusy: another run holds the gallery.
        CatalogError: there is no gallery.
    """
    if not open_backend(address).exists():
        raise CatalogError(f"{address}: no gallery here")
    with Gallery.writing(address) as gallery:
        model = gallery.model_folder()
        with gallery.catalog.transaction():
            word = said(ByHand(gallery.catalog), read_info(model, ModelInfo))
            gallery.catalog.note("named", {"faces": word.faces})
        if publish:
            _publish(gallery)
        return word


def publish(address: str | Path) -> None:
    """Publish a generation with all that was said, if it has not been.

    Raises:
        GalleryBusy: another run holds the gallery.
    """
    with Gallery.writing(address) as gallery:
        _publish(gallery)


def _publish(gallery: Gallery) -> None:
    embedder, detector = Embedder(gallery.model_folder()), gallery.catalog.queries.detector() or ""
    publish_faces(gallery, embedder, detector, by_hand=True)

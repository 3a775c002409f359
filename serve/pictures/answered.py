"""Card of an answer, or of a comparison: whom it shows, in which pictures, and what it says."""

from __future__ import annotations

from dataclasses import replace

from niteru.engine.embedding.regions import shares
from niteru.indexer.ask.asking import compared_with, look_alikes
from niteru.indexer.ask.comparison import Comparison, Side
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Answer, LookAlike, Wish
from niteru.indexer.ask.portraits import Portrait, portrait_by_id, portrait_of
from niteru.indexer.ask.probe import Probe
from niteru.indexer.gallery import GalleryReader
from niteru.serve.pictures.card import Card, Likeness, Shown

PORTRAIT = 720
"""Side of a portrait, in pixels: as high as the largest frame of a card."""


def asked_card(live: LiveGallery, gallery: GalleryReader, probe: Probe, k: int, other: str = "") -> Card:
    """Ask, and make a card of the answer.

    Args:
        live: keeps everybody ready to be compared.
        gallery: opened by it.
        probe: whom the card is about; of a photo with a portrait.
        k: look-alikes; of a single one it is told where the likeness lies.
        other: name of a person to be compared with instead; empty for look-alikes.

    Raises:
        PersonNotFound: nobody is called ``other``.
        PersonWithoutFace: the index has no face of them.
    """
    if other:
        return replace(card_of(live, gallery, probe, compared_with(live, gallery, probe, other)), nobody_alike=False)
    return card_of(live, gallery, probe, look_alikes(live, gallery, probe, Wish(k)), explain=k == 1)


def card_of(live: LiveGallery, gallery: GalleryReader, probe: Probe, found: Answer, *, explain: bool = True) -> Card:
    """Make a card of an answer.

    Args:
        live: has the model.
        gallery: opened by it.
        probe: whom the card is about; of a photo with a portrait.
        found: the answer.
        explain: whether it is told where the first likeness lies.
    """
    rows = []
    for place, row in enumerate(found.results):
        why = _why(live, gallery, probe, row) if explain and place == 0 else {}
        face = portrait_of(gallery, row.hits[0].face, PORTRAIT)
        rows.append((Shown(row.person, face), Likeness(row.rarity, row.likely, row.same_person, why)))
    return Card(Shown(probe.person or "", _portrait(gallery, probe)), rows, found.nobody_alike)


def compared_card(one: Side, other: Side, found: Comparison) -> Card:
    """Card of two who were compared; a photo from elsewhere has no name on it."""
    shown = [Shown(side.name if side.known else "", side.portrait) for side in (one, other)]
    likeness = Likeness(found.rarity, found.likely, found.same_person, found.why)
    return Card(shown[0], [(shown[1], likeness)])


def _portrait(gallery: GalleryReader, probe: Probe) -> Portrait | None:
    if probe.crop is not None:
        return probe.portrait
    return portrait_by_id(gallery, probe.face["id"], PORTRAIT)


def _why(live: LiveGallery, gallery: GalleryReader, probe: Probe, row: LookAlike) -> dict[str, float]:
    """Share of each part of the face; empty where the gallery has lost one of the two crops."""
    mine = probe.crop if probe.crop is not None else gallery.crop(probe.face["id"])
    theirs = gallery.crop(row.hits[0].face.id)
    if mine is None or theirs is None:
        return {}
    embedder = live.recogniser(gallery.generation).embedder
    with live.cores:
        return shares(embedder, mine, [theirs])[0]

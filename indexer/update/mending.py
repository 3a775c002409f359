"""Mending of a gallery whose files a disk, a transfer or another program damaged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from niteru.engine.failure import Failure
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rescue import Rescued, discard, is_damaged, put_in_place, rescue
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.backend import Backend

log = logging.getLogger("niteru")

Agree: TypeAlias = Callable[[str], bool]
"""Asked with the end of a sentence that begins with "this would"."""


CROPS_AT_ONCE = 20_000
"""Crops that one run reads to see whether they are sound, some tenths of a second; larger galleries take turns."""
_CHECKED = "crops_checked"
"""Setting: the last face whose crop was checked, where not all are in one run."""


class WouldLose(Failure):
    """A run would take people, or many photos, out of the gallery, and nobody agreed to that."""


def require(agree: Agree | None, gallery: str, what: str) -> None:
    """Ask before something is lost.

    Args:
        agree: asked; None agrees to everything.
        gallery: name of the gallery.
        what: the end of a sentence that begins with "this would".

    Raises:
        WouldLose: it was not agreed to.
    """
    if agree is not None and not agree(what):
        raise WouldLose(
            f"{gallery}: this would {what}; nothing was changed. If you mean it: --yes, or in Python yes=True"
        )


def mend_catalog(backend: Backend, agree: Agree | None) -> Rescued | None:
    """Replace a damaged catalogue by one with its sound rows; the photos of the others will be read again.

    Args:
        backend: of the gallery, which the caller has locked.
        agree: asked if something would be lost that no photo can restore.

    Returns:
        What could not be saved; None if the catalogue is sound, or not a file of the gallery's own.

    Raises:
        WouldLose: that was not agreed to.
    """
    file = backend.catalog_file
    if file is None or not file.is_file():
        return None
    aside = file.with_name(f"{file.name}.rescued")
    discard(aside)  # of a run that was killed: it holds people whom nothing would forget
    if not is_damaged(file):
        return None
    rescued = rescue(file, aside)
    losses = []
    if not rescued.list_is_whole:
        losses.append("lose settings or part of the list that keeps forgotten people out, which are damaged")
    if rescued.by_hand:
        losses.append(f"lose what was added by hand and is damaged: {', '.join(rescued.by_hand)}")
    if losses:
        try:
            require(agree, backend.name, " and ".join(losses))
        except WouldLose:
            discard(aside)
            raise
    put_in_place(aside, file)
    log.warning("%s: %s", backend.name, rescued)
    return rescued


class CropsCheck:
    """Check of a gallery's crops, or of the next of them where there are many.

    Attributes:
        bad: ids of the faces whose crop is lost or damaged, ascending.
        strays: ids that no face has, and a crop does: of a run that was killed.
    """

    def __init__(self, gallery: Gallery) -> None:
        faces, sizes = gallery.catalog.queries.face_ids(), gallery.crops.sizes()
        self.strays = sizes.keys() - faces
        lost = [face for face in faces if not sizes.get(face)]
        kept = sorted(faces.difference(lost))
        self._last = None
        if len(kept) > CROPS_AT_ONCE:
            checked = int(gallery.catalog.queries.setting(_CHECKED) or 0)
            kept = sorted(kept, key=lambda face: (face <= checked, face))[:CROPS_AT_ONCE]
            self._last = kept[-1]
        self.bad = sorted({*lost, *gallery.crops.damaged(kept)})

    def remember(self, catalog: Catalog) -> None:
        """Store where the next run goes on. Must run in a transaction."""
        if self._last is not None:
            catalog.set_setting(_CHECKED, str(self._last))

"""What a run would take away from a gallery: it is told, and agreed to, before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.person_name import NOBODY
from niteru.indexer.update.moves import KnownPhoto
from niteru.indexer.update.plan import GalleryState, Plan

MOST_UNASKED = 0.2
"""Share of the photos that may be gone without a question: people tidy up, and mounts go away."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Losses:
    """What a plan takes away.

    Attributes:
        removed: number of photos by the name of each person of whom none would be left.
        renamed: new name by the name of each person whose photos would all be somebody else's.
        photos: that would be dropped.
        of: photos with a face that the gallery has from FACES.
    """

    removed: dict[str, int]
    renamed: dict[str, str]
    photos: int
    of: int

    @property
    def serious(self) -> bool:
        """Whether somebody should agree first."""
        return bool(self.removed or self.renamed) or self.photos > self.of * MOST_UNASKED

    def __str__(self) -> str:
        """One sentence."""
        parts = []
        if self.removed:
            parts.append(f"remove {_listed([f'{name} ({n} photos)' for name, n in self.removed.items()], 'people')}")
        if self.renamed:
            parts.append(f"rename {_listed([f'{old} to {new}' for old, new in self.renamed.items()], 'people')}")
        return " and ".join(parts + [f"drop {self.photos} of {self.of} photos"] * (self.photos > 0))


def losses_of(
    state: GalleryState, plan: Plan, photos: Mapping[str, LabelledPhoto], elsewhere: Mapping[str, KnownPhoto]
) -> Losses:
    """Compare the people before and after a plan.

    Args:
        state: of the gallery before.
        plan: that would be carried out.
        photos: at hand, by path.
        elsewhere: new photos whose bytes the gallery has under another name.
    """
    gone = set(plan.removed)
    moved = {elsewhere[ref].source: photos[ref].person for ref in plan.moved}
    staying = {photo.person for photo in photos.values()}
    # Photos by hand, and those below a folder that could not be listed.
    listed = {*gone, *moved, *photos}
    staying |= {known.person for ref, known in state.photos.items() if ref not in listed}
    removed: Counter[str] = Counter()
    renamed: dict[str, str] = {}
    usable = {ref: known.person for ref, known in state.photos.items() if known.reason is None and not known.added}
    for ref, person in usable.items():
        if person != NOBODY and person not in staying:
            removed[person] += 1
            now = NOBODY if ref in gone else moved[ref] if ref in moved else photos[ref].person
            if now != NOBODY:
                renamed[person] = now
    return Losses(
        {person: count for person, count in removed.items() if person not in renamed},
        renamed,
        sum(ref in gone for ref in usable),
        len(usable),
    )


def _listed(things: list[str], kind: str) -> str:
    more = f" and {len(things) - SHOWN} more {kind}" if len(things) > SHOWN else ""
    return ", ".join(things[:SHOWN]) + more

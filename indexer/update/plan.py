"""What a run over photos would do: pure, from what the gallery knows and what the files look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from niteru.engine.faces.detector import WholePicture
from niteru.engine.failure import Failure
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.skip_reason import SkipReason
from niteru.indexer.catalog.rows import PhotoState
from niteru.indexer.update.moves import KnownPhoto
from niteru.indexer.update.reading import PhotoTask


class OtherPhotos(Failure):
    """The photos are not the gallery's: none in common, or crops where it has photographs."""


@dataclass(frozen=True, slots=True)
class GalleryState:
    """What a gallery knows of its photos, and how it would read them today.

    Attributes:
        name: of the gallery, for messages.
        photos: by their path below FACES.
        detector: name of what would find the faces.
        model: id of what would embed them.
        without_crop: paths of photos with a face whose crop is lost.
    """

    name: str
    photos: Mapping[str, PhotoState]
    detector: str
    model: str
    without_crop: frozenset[str] = frozenset()

    @property
    def crops(self) -> bool:
        """Whether every picture is taken for a face crop."""
        return self.detector == WholePicture.name

    def is_current(self, photo: PhotoState) -> bool:
        """Whether a photo's faces are what detector and model of today make of its bytes."""
        return photo.reason is None and photo.detector == self.detector and photo.model == self.model


@dataclass(slots=True)
class Plan:
    """What is to be done; photos by their path below FACES.

    Attributes:
        added, changed, removed, unchanged: as a summary counts them.
        moved: known photos under a new name, whose old one is gone.
        copied: known photos under one more name.
        tasks: photos to be read: those added or changed.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    tasks: list[PhotoTask] = field(default_factory=list)


def make_plan(
    state: GalleryState,
    photos: Sequence[LabelledPhoto],
    stamps: Mapping[str, PhotoStamp | None],
    elsewhere: Mapping[str, KnownPhoto],
    *,
    all_there: bool,
) -> Plan:
    """Sort photos into new, changed, moved, copied, unchanged and gone.

    Args:
        state: of the gallery.
        photos: that are at hand.
        stamps: of those that the gallery knows, as they are now; None for one that cannot be asked.
        elsewhere: new photos whose bytes the gallery has under another name.
        all_there: the photos at hand are all there are, so that others are gone, unless they were added by hand.

    Raises:
        OtherPhotos: these photos are another gallery's.
    """
    plan = Plan()
    refs = {photo.ref for photo in photos}
    expected = {ref for ref, known in state.photos.items() if all_there and not known.added}
    gone = dict.fromkeys(ref for ref in state.photos if ref in expected and ref not in refs)
    _check(state, gone=len(gone), expected=len(expected), known_elsewhere=bool(elsewhere))
    for photo in photos:
        known = state.photos.get(photo.ref)
        if known is None and photo.ref in elsewhere:
            source = elsewhere[photo.ref].source
            (plan.moved if source in gone else plan.copied).append(photo.ref)
            gone.pop(source, None)
        elif known is None:
            plan.added.append(photo.ref)
            plan.tasks.append(PhotoTask(photo, None, state.crops))
        elif _differs(state, photo, known, stamps.get(photo.ref)):
            plan.changed.append(photo.ref)
            whole = _reads_alike(state, photo, known) and photo.ref not in state.without_crop
            plan.tasks.append(PhotoTask(photo, known.sha256 if whole else None, state.crops))
        else:
            plan.unchanged.append(photo.ref)
    plan.removed = list(gone)
    return plan


def _check(state: GalleryState, *, gone: int, expected: int, known_elsewhere: bool) -> None:
    if gone and gone == expected and not known_elsewhere:
        usable = sum(known.reason is None for known in state.photos.values())
        raise OtherPhotos(
            f"none of the {usable} photos of {state.name} is there, so all would be dropped. For other photos use "
            "another GALLERY; to start anew remove the gallery's folder"
        )
    # Vectors of crops taken whole and of faces that were detected do not meet in one gallery.
    was_crops = {known.detector == WholePicture.name for known in state.photos.values()}
    if was_crops and was_crops != {state.crops}:
        how = "with" if True in was_crops else "without"
        raise OtherPhotos(
            f"{state.name} was indexed {how} CROPS=1: do so again, or use another GALLERY for these photos"
        )


def _differs(state: GalleryState, photo: LabelledPhoto, known: PhotoState, stamp: PhotoStamp | None) -> bool:
    # What could not be read may be readable now: permissions leave no trace in size or time.
    again = known.reason == SkipReason.UNREADABLE or photo.ref in state.without_crop
    return stamp != known.stamp or again or not _reads_alike(state, photo, known)


def _reads_alike(state: GalleryState, photo: LabelledPhoto, known: PhotoState) -> bool:
    """Whether only the file itself may have changed, not whose it is or what detects and embeds its faces."""
    same_model = known.model in (None, state.model)
    return same_model and photo.person == known.person and state.detector == known.detector

"""Plan of a run over photos, computed from the gallery's state and the files' stamps alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    """The photos are not those of the gallery: none in common, or crops where it has photographs."""


@dataclass(frozen=True, slots=True)
class GalleryState:
    """Photos that a gallery knows, and the detector and model that would read new ones.

    Attributes:
        name: of the gallery, for messages.
        photos: by their path below FACES.
        detector: name of the detector that would find faces.
        model: id of the model that would embed them.
        outdated: paths of photos to read again though their bytes are the same: a face's crop is lost, or the main face
            was not chosen as it is today.
        names: whether names that photo programs gave are read.
        other_names: paths of photos whose names may be others than the gallery has.
        undated: paths of photos whose files were not read for a date yet.
    """

    name: str
    photos: Mapping[str, PhotoState]
    detector: str
    model: str
    outdated: frozenset[str] = frozenset()
    names: bool = False
    other_names: frozenset[str] = frozenset()
    undated: frozenset[str] = frozenset()

    @property
    def crops(self) -> bool:
        """Whether every picture counts as a face crop."""
        return self.detector == WholePicture.name

    def is_current(self, photo: PhotoState) -> bool:
        """Whether a photo's faces were found and embedded by this detector and model."""
        return photo.reason is None and photo.detector == self.detector and photo.model == self.model


@dataclass(slots=True)
class Plan:
    """Photos by what is to be done with them, as paths below FACES.

    Attributes:
        added, changed, removed, unchanged: as a summary counts them.
        moved: known photos under a new name, whose old one is gone.
        copied: known photos under one more name.
        tasks: photos to read, which are those added or changed.
        notes: those to read for what stands beside their pixels alone: names, and a date.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    tasks: list[PhotoTask] = field(default_factory=list)
    notes: list[PhotoTask] = field(default_factory=list)


def make_plan(
    state: GalleryState,
    photos: Sequence[LabelledPhoto],
    stamps: Mapping[str, PhotoStamp | None],
    elsewhere: Mapping[str, KnownPhoto],
    *,
    all_there: bool,
    unlistable: Collection[str] = (),
) -> Plan:
    """Sort photos into new, changed, moved, copied, unchanged and gone.

    Args:
        state: of the gallery.
        photos: found now.
        stamps: present stamps of the known ones; None for a file that cannot be accessed.
        elsewhere: new photos whose bytes the gallery has under another name.
        all_there: all other photos are gone, unless they were added by hand.
        unlistable: folders that could not be listed; what the gallery has from there stays.

    Raises:
        OtherPhotos: these photos are another gallery's.
    """
    plan, refs = Plan(), {photo.ref for photo in photos}
    away = tuple(f"{folder}/" for folder in unlistable)
    expected = [
        ref for ref, known in state.photos.items() if all_there and not known.added and not ref.startswith(away)
    ]
    gone = dict.fromkeys(ref for ref in expected if ref not in refs)
    _check(state, gone=len(gone), expected=len(expected), known_elsewhere=bool(elsewhere))
    for photo in photos:
        known = state.photos.get(photo.ref)
        if known is None and photo.ref in elsewhere:
            source = elsewhere[photo.ref].source
            (plan.moved if source in gone else plan.copied).append(photo.ref)
            gone.pop(source, None)
        elif known is None:
            plan.added.append(photo.ref)
            plan.tasks.append(PhotoTask(photo, None, state.crops, state.names))
        elif _differs(state, photo, known, stamps.get(photo.ref)):
            plan.changed.append(photo.ref)
            plan.tasks.append(PhotoTask(photo, _known_hash(state, photo, known), state.crops, state.names))
        else:
            plan.unchanged.append(photo.ref)
    plan.removed = list(gone)
    known_bytes = {ref: state.photos[ref].sha256 for ref in plan.unchanged}
    known_bytes |= {ref: elsewhere[ref].file.sha256 for ref in plan.moved + plan.copied}
    wanted = (state.other_names | state.undated) & known_bytes.keys()
    plan.notes = [
        PhotoTask(photo, known_bytes[photo.ref], state.crops, state.names, photo.ref not in state.other_names)
        for photo in photos
        if photo.ref in wanted
    ]
    return plan


def _check(state: GalleryState, *, gone: int, expected: int, known_elsewhere: bool) -> None:
    if gone and gone == expected and not known_elsewhere:
        usable = sum(known.reason is None for known in state.photos.values())
        raise OtherPhotos(
            f"none of the {usable} photos of {state.name} was found, so all would be dropped. Use another GALLERY for "
            "other photos, or remove the gallery's folder to start anew"
        )
    # Vectors of whole crops and of detected faces cannot be compared, so a gallery has only one of the two.
    was_crops = {known.detector == WholePicture.name for known in state.photos.values()}
    if was_crops and was_crops != {state.crops}:
        how = "with" if True in was_crops else "without"
        raise OtherPhotos(
            f"{state.name} was indexed {how} CROPS=1: do the same again, or use another GALLERY for these photos"
        )


def _differs(state: GalleryState, photo: LabelledPhoto, known: PhotoState, stamp: PhotoStamp | None) -> bool:
    # What could not be read may be readable now: permissions leave no trace in size or time.
    again = known.reason == SkipReason.UNREADABLE or photo.ref in state.outdated
    return stamp != known.stamp or again or not _reads_alike(state, photo, known)


def _known_hash(state: GalleryState, photo: LabelledPhoto, known: PhotoState) -> str | None:
    """Hash of the bytes with which a photo needs no reading; None where it needs it whatever its bytes are."""
    return known.sha256 if _reads_alike(state, photo, known) and photo.ref not in state.outdated else None


def _reads_alike(state: GalleryState, photo: LabelledPhoto, known: PhotoState) -> bool:
    """Whether person, detector and model are the same, so that only the file itself may have changed."""
    same_model = known.model in (None, state.model)
    return same_model and photo.person == known.person and state.detector == known.detector

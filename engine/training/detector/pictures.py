"""Labelled pictures, from which scenes are made."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from niteru.engine import Pixels
from niteru.engine.drawn import write_people
from niteru.engine.evaluation.crop_set import aligned_sets, set_of
from niteru.engine.faces.alignment import KNOWN_TEMPLATES
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import TABLE, FacesByPath, read_table
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import FacesMissing, LabelledPhoto
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.training.detector.labels import LabelledFace, from_landmarks

log = logging.getLogger("niteru.training")

SURE_SCORE = 0.95
"""The teacher's score below which a face is learnt neither as a face nor as background."""
CROP_SHARE = 0.6
"""Share of a picture's shorter side from which a face's size makes the picture a crop of it."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPicture:
    """A picture file and all faces in it."""

    path: Path
    faces: tuple[LabelledFace, ...]

    def pixels(self) -> Pixels:
        """Decode the picture, uint8 RGB.

        Raises:
            PhotoError: the picture cannot be decoded; the message names its path.
        """
        try:
            return decode(self.path)
        except PhotoError as error:
            raise type(error)(f"{self.path}: {error}") from None


@dataclass(frozen=True)
class Pictures:
    """The pictures to learn from.

    Attributes:
        photos: whole photographs.
        crops: pictures that a face fills, cut around it or aligned.
        drawn: pictures of drawn people.
    """

    photos: list[LabelledPicture]
    crops: list[LabelledPicture]
    drawn: list[LabelledPicture]

    @functools.cached_property
    def precise_crops(self) -> list[LabelledPicture]:
        """The crops whose landmarks are their own and not a template's, or the photos if there are no such crops."""
        return [picture for picture in self.crops if picture.faces[0].precise] or self.photos


def load_pictures(listed: list[LabelledPhoto], known: FacesByPath, drawn: Path, drawn_people: int) -> Pictures:
    """Sort the usable pictures among some photos into photos and crops, by how much of them the face fills.

    Args:
        listed: the photos; sets that are aligned to a known template need no landmarks.
        known: labelled faces by absolute path of the photo.
        drawn: folder of drawn people, which are drawn if they are missing.
        drawn_people: number of drawn people.

    Raises:
        FacesMissing: there are no labelled photos to learn from.
    """
    aligned = aligned_sets(listed)
    photos: list[LabelledPicture] = []
    crops: list[LabelledPicture] = []
    for photo in listed:
        if set_of(photo.ref) in aligned:
            picture = _aligned(photo.on_disk)
            crops += [picture] if picture else []
        elif (path := photo.on_disk.resolve()) in known:
            picture = LabelledPicture(photo.on_disk, tuple(_labelled(face) for face in known[path]))
            try:
                (crops if _fills(picture) else photos).append(picture)
            except PhotoError as error:
                log.warning("left out: %s", error)
    if not photos:
        raise FacesMissing("no photo with landmarks to learn from: crops alone do not teach the places of faces")
    own = _drawn(drawn, drawn_people)
    log.info("to learn from: %d photos, %d crops, %d drawn pictures", len(photos), len(crops), len(own))
    return Pictures(photos, crops, own)


def _labelled(face: Face) -> LabelledFace:
    return LabelledFace(np.array(face.box, np.float32), face.landmarks, face.score >= SURE_SCORE)


def _aligned(path: Path) -> LabelledPicture | None:
    try:
        height, width = decode(path).shape[:2]
    except PhotoError:
        return None  # reported by every reader of the set
    return LabelledPicture(path, (from_landmarks(KNOWN_TEMPLATES[width, height], precise=False),))


def _fills(picture: LabelledPicture) -> bool:
    """Whether the largest face reaches to the edges of the picture, as crops of landmarks' boxes do."""
    height, width = picture.pixels().shape[:2]
    return bool(max(face.size for face in picture.faces) > CROP_SHARE * min(height, width))


def _drawn(folder: Path, people: int) -> list[LabelledPicture]:
    if not people:
        return []
    # The seed makes other people than those of the demo, which stay unseen.
    for _ in write_people(folder, people, photos=4, seed=77):
        pass
    # The drawing's boxes differ from those of a detector, so boxes are made from the landmarks.
    return [
        LabelledPicture(path, tuple(from_landmarks(face.landmarks) for face in faces))
        for path, faces in read_table(folder / TABLE).items()
    ]

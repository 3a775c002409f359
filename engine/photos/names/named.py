"""What is found in one photo: named boxes, names without a box, and what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from niteru.engine.photos.names.relative_box import RelativeBox


class Source(StrEnum):
    """The form in which a name is written down."""

    MWG = "mwg"
    """``mwg-rs:Regions`` of the Metadata Working Group: digiKam, Lightroom, Picasa, Apple, and most others."""
    MICROSOFT = "microsoft"
    """``MP:RegionInfo``: Windows Photo Gallery, and digiKam, too."""
    ACDSEE = "acdsee"
    """``acdsee-rs:Regions``: ACDSee."""
    IPTC = "iptc"
    """``Iptc4xmpExt:PersonInImage``: names without boxes."""
    PICASA = "picasa"
    """``.picasa.ini`` beside the photos."""
    GOOGLE = "google"
    """``people`` in the JSON that Google Takeout puts beside each photo: names without boxes."""


class FaultKind(StrEnum):
    """What is wrong with names that were found, in a stable spelling for programs."""

    UNREADABLE = "unreadable"
    """A file cannot be opened, or the photo is no picture."""
    TOO_LARGE = "too-large"
    BROKEN_FILE = "broken-file"
    """What should hold the names is not what its format says."""
    BAD_NAME = "bad-name"
    """A name that cannot be a person's here."""
    UNNAMED = "unnamed"
    """Not a name, but what a program writes for faces that nobody has named."""
    BAD_BOX = "bad-box"
    """The name is kept, without its box."""
    OTHER_PICTURE = "other-picture"
    """Boxes were drawn on a picture of another shape; their names are kept, without them."""
    CONFLICT = "conflict"
    """Two names for one box, or two boxes for one name: the first is kept."""
    NO_SUCH_CONTACT = "no-such-contact"
    """A face in ``.picasa.ini`` whose contact has no name there."""
    NO_FACE = "no-face"
    """No face was found in a named box."""
    AMBIGUOUS = "ambiguous"
    """A named box may be of one face as well as of another: neither has the name."""
    NO_BOX = "no-box"
    """Nothing says which of several faces a name without a box belongs to, or there is none: no face has it."""
    OTHER_FOLDER = "other-folder"
    """A photo in one person's folder shows somebody else by name: the name counts."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, as a sentence that names the file."""

    kind: FaultKind
    sentence: str

    def __str__(self) -> str:
        """The sentence."""
        return self.sentence


@dataclass(frozen=True, slots=True)
class NamedRegion:
    """A box in a photo with the name of the person in it.

    Attributes:
        name: the person's, tidied.
        box: fractions of the picture as it is shown, upright.
        sources: the forms in which it is written down, the one it was taken from first.
    """

    name: str
    box: RelativeBox
    sources: tuple[Source, ...] = (Source.MWG,)


@dataclass(frozen=True, slots=True)
class NamesFound:
    """Names in one photo.

    Attributes:
        regions: names with their boxes.
        people: further names of people in the photo, who have no box, and the form each was taken from.
        faults: what was broken or contradicts itself; the rest is there all the same.
        size: width and height of the upright picture, in pixels; 0 if it cannot be read.
    """

    regions: tuple[NamedRegion, ...] = ()
    people: Mapping[str, Source] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    size: tuple[int, int] = (0, 0)

"""Names that photo programs gave, brought to the faces they were given to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from niteru.engine.photos.names.matching import Matches, match_faces
from niteru.engine.photos.names.named import Fault, FaultKind, Source
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.person_name import NOBODY, name_key, spellings
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.claims import ClaimedPhoto
from niteru.indexer.naming.name_book import NameBook


@dataclass(frozen=True, slots=True)
class GivenName:
    """A name that a face has from a photo program.

    Attributes:
        name: as it is written there.
        sources: the forms in which it is.
        box: in fractions of the upright picture; None if it was given without one.
    """

    name: str
    sources: tuple[Source, ...]
    box: RelativeBox | None = None


@dataclass(slots=True)
class GivenNames:
    """Names that faces have from photo programs.

    Attributes:
        photos: of which something is claimed.
        faces: names by the face's id.
        faults: names that no face could be given.
    """

    photos: list[ClaimedPhoto]
    faces: dict[int, GivenName] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def given_names(catalog: Catalog) -> GivenNames:
    """Find the face for each name that is claimed.

    A name with a box is its face's. One without a box is given where the photo shows one usable face and there is one
    such name: nothing else would say whose it is.
    """
    given = GivenNames(catalog.claims.photos())
    for photo in given.photos:
        _give(photo, given)
    chosen = spellings(one.name for one in given.faces.values())
    given.faces = {face: GivenName(chosen[one.name], one.sources, one.box) for face, one in given.faces.items()}
    return given


def disagreements(catalog: Catalog, given: GivenNames) -> Iterator[Fault]:
    """Photos in the folder of somebody whom they do not show, for they show others by name."""
    of_nobody, book = {NOBODY, *catalog.labels.albums().values()}, NameBook(catalog)
    for photo in given.photos:
        named = {given.faces[face].name for face in photo.faces if face in given.faces}
        shown = {name_key(name) for name in photo.people}
        if named and photo.folder not in of_nobody and name_key(book.today(photo.folder)) not in shown:
            others = " and ".join(sorted(named))
            what = f"{photo.ref}: in the folder of {photo.folder}, and named {others} in the file: the file counts"
            yield Fault(FaultKind.OTHER_FOLDER, what)


def _give(photo: ClaimedPhoto, given: GivenNames) -> None:
    ids, names = list(photo.faces), photo.names
    if names.regions and all(names.size):
        matches = match_faces(names.regions, list(photo.faces.values()), names.size)
        for pair in matches.pairs:
            region = names.regions[pair.region]
            if not pair.ambiguous:
                given.faces[ids[pair.face]] = GivenName(region.name, region.sources, region.box)
        given.faults += _unmatched(photo, matches)
    if names.people:
        free = [face for face in photo.usable if face not in given.faces]
        if len(names.people) == len(photo.usable) == len(free) == 1:
            (name, source), *_ = names.people.items()
            given.faces[free[0]] = GivenName(name, (source,))
        else:
            said = ", ".join(names.people)
            what = f"{photo.ref}: {said}: named without a box, and the photo shows {len(ids)} faces: name it by hand"
            given.faults.append(Fault(FaultKind.NO_BOX, what))


def _unmatched(photo: ClaimedPhoto, matches: Matches) -> Iterator[Fault]:
    for number in matches.without_face:
        name = photo.names.regions[number].name
        yield Fault(FaultKind.NO_FACE, f"{photo.ref}: no face was found in the box of {name}")
    for pair in matches.pairs:
        if pair.ambiguous:
            name = photo.names.regions[pair.region].name
            what = f"{photo.ref}: the box of {name} may be of several faces: name the right one by hand"
            yield Fault(FaultKind.AMBIGUOUS, what)

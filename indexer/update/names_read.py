"""Names that workers read in photos, on their way into the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from niteru.engine.faces import video
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.names.matching import match_faces
from niteru.engine.photos.names.named import FaultKind, NamesFound
from niteru.engine.photos.names.names_in import names_mark
from niteru.engine.photos.skip_reason import SkipReason
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import PhotoState
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.catalog.verdicts import NEVER_TAKEN_BACK, VerdictKind
from niteru.indexer.naming.by_metadata import disagreements, given_names
from niteru.indexer.update.names_wanted import NamesFrom
from niteru.indexer.update.reading import PhotoRead
from niteru.indexer.update.summary import NamesTaken


class NamesReading:
    """Names that photo programs gave, in one run over photos.

    Args:
        catalog: opened for writing, unless the run is only foreseen.
        wanted: where names come from.
        photos: as they are listed, by ref.
        known: those that the catalogue has.

    Attributes:
        taken: what became of them; None if no names are read.
        others: refs of the photos whose names may be others than the catalogue has, by the files beside them alone.
    """

    def __init__(
        self,
        catalog: Catalog,
        wanted: NamesFrom,
        photos: Mapping[str, LabelledPhoto],
        known: Mapping[str, PhotoState],
    ) -> None:
        self._catalog, self._forgotten = catalog, SuppressionList(catalog)
        self.taken = NamesTaken() if wanted == NamesFrom.METADATA else None
        marks = catalog.claims.marks()
        self.others = frozenset(
            ref
            for ref, photo in (photos.items() if self.taken is not None else ())
            if _has_names(ref, known[ref].reason if ref in known else None)
            and (mark := names_mark(photo.path)) is not None
            and mark != marks.get(ref)
        )

    def enter(self, ref: str, read: PhotoRead) -> None:
        """Enter the names in a photo, which is in the catalogue. Must run in a transaction.

        The names of the forgotten are left out, and the faces that have them are forgotten, too.
        """
        if self.taken is None or read.names is None or not _has_names(ref, read.reason):
            return
        found, forgets = read.names.found, self._forgotten.forgets
        regions = tuple(one for one in found.regions if not forgets(one.name))
        people = {name: source for name, source in found.people.items() if not forgets(name)}
        gone = tuple(one for one in found.regions if one not in regions)
        if gone or len(people) < len(found.people):
            self._forget_faces(ref, replace(found, regions=gone), alone=len(people) < len(found.people))
        self._catalog.claims.put(ref, read.names.mark, replace(found, regions=regions, people=people))
        self.taken.photos += 1
        self.taken.faults += [fault for fault in found.faults if fault.kind != FaultKind.UNNAMED]

    def tell_of_faces(self) -> None:
        """Count the faces that have their names from photo programs, and tell what no face could be given."""
        if self.taken is not None:
            given = given_names(self._catalog)
            self.taken.faces = len(given.faces)
            self.taken.faults += [*given.faults, *disagreements(self._catalog, given)]

    def _forget_faces(self, ref: str, found: NamesFound, *, alone: bool) -> None:
        """Forget the faces in these boxes; ``alone``: also the only one in a photo, for one that stays is worse."""
        faces = self._catalog.queries.faces_of_photo(ref)
        matches = match_faces(found.regions, [face.box for face in faces], found.size)
        theirs = [faces[pair.face].id for pair in matches.pairs]
        theirs = theirs or [face.id for face in faces if alone and len(faces) == 1]
        if theirs:
            self._catalog.verdicts.give(NEVER_TAKEN_BACK, theirs, VerdictKind.FORGOTTEN)
            self._catalog.remove_faces(theirs)
            self._catalog.begin_erasure()


def _has_names(ref: str, reason: str | None) -> bool:
    """Whether names are read in a file, which may have been skipped for a reason: a picture without a face has some."""
    return reason in (None, SkipReason.NO_FACE) and not ref.lower().endswith(tuple(video.SUFFIXES))

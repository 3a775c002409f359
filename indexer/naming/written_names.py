"""Names taken out of a gallery again, into files of XMP beside the photos."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from niteru.engine.failure import Failure
from niteru.engine.photos.names.matching import match_faces
from niteru.engine.photos.names.named import NamedRegion, NamesFound
from niteru.engine.photos.names.names_in import names_in
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.names.sidecar import write_sidecar
from niteru.engine.photos.photo_stamp import stamp_of
from niteru.engine.photos.source import is_remote
from niteru.engine.work.progress import progress_bar
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import PhotoState
from niteru.indexer.naming.named_faces import named_faces, set_aside


class NotBeside(Failure):
    """Nothing can be written beside a photo."""


@dataclass(slots=True)
class Written:
    """What came of writing names beside photos.

    Attributes:
        written: refs of the photos beside which names were written.
        unchanged: number of photos that, with the files beside them, say the same already.
        left_out: reasons for leaving out the others, by ref.
    """

    written: list[str] = field(default_factory=list)
    unchanged: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def photos_to_write(catalog: Catalog) -> list[str]:
    """Refs of the photos of which something was said that they, and the files beside them, may not say."""
    aside = catalog.queries.faces(set_aside(catalog)).values()
    return sorted({face.photo for face in named_faces(catalog) if not face.in_file} | {face.photo for face in aside})


def write_names(catalog: Catalog) -> Written:
    """Write names with boxes beside the photos, into ``IMG.jpg.xmp``; no photo is touched.

    What photo programs have named and nobody has said otherwise of stays, whether its face was found or not.
    """
    said: dict[str, dict[int, str | None]] = defaultdict(dict)
    for named in named_faces(catalog):
        said[named.photo][named.face] = named.person
    for face in catalog.queries.faces(set_aside(catalog)).values():
        said[face.photo][face.id] = None
    refs, states, result = photos_to_write(catalog), catalog.queries.photos(), Written()
    with progress_bar("names", len(refs), "photo") as bar:
        for ref in refs:
            try:
                if _write(catalog, states[ref], said[ref]):
                    result.written.append(ref)
                else:
                    result.unchanged += 1
            except Failure as error:
                result.left_out[ref] = str(error)
            bar.update()
    return result


def photo_on_disk(catalog: Catalog, photo: PhotoState) -> Path:
    """Path of a photo on this machine.

    Raises:
        NotBeside: it lies elsewhere, or nobody knows where.
    """
    faces = catalog.queries.setting("faces")
    if faces is None or photo.added:
        raise NotBeside("it was added by hand, and the gallery does not know from where")
    if is_remote(faces):
        raise NotBeside("it lies in a store, where nothing is written")
    root = Path(faces)
    return (root.parent if root.is_file() else root) / PurePosixPath(photo.ref)


def _write(catalog: Catalog, photo: PhotoState, said: dict[int, str | None]) -> bool:
    """Write the names of one photo; whether anything had to be.

    Raises:
        Failure: it cannot be done, and why.
    """
    file = photo_on_disk(catalog, photo)
    if stamp_of(file) != photo.stamp:
        raise NotBeside("it is gone, or was changed since it was indexed: run niteru index first")
    faces = [face for face in catalog.queries.faces_of_photo(photo.ref) if face.second is None]
    if not faces:
        raise NotBeside("it is a video, beside which no boxes are written")
    found = names_in(file)
    if not all(found.size):
        raise NotBeside("; ".join(map(str, found.faults)))
    regions = _regions(found, {face.id: face.box for face in faces}, said)
    if [(one.name, one.box) for one in regions] == [(one.name, one.box) for one in found.regions]:
        return False
    write_sidecar(file, regions)
    return True


def _regions(
    found: NamesFound, boxes: dict[int, tuple[int, int, int, int]], said: dict[int, str | None]
) -> list[NamedRegion]:
    """The named boxes that a photo has, with what is said of their faces, and then those that it lacks."""
    ids, (width, height) = list(boxes), found.size
    face_of = {
        pair.region: ids[pair.face] for pair in match_faces(found.regions, list(boxes.values()), found.size).pairs
    }
    regions = []
    for number, region in enumerate(found.regions):
        name = said.get(face_of.get(number, -1), region.name)
        if name is not None:
            regions.append(replace(region, name=name))
    for face, (x, y, wide, high) in boxes.items():
        name = said.get(face)
        if name is not None and face not in face_of.values():
            box = RelativeBox(x / width, y / height, wide / width, high / height)
            regions.append(NamedRegion(name, box.checked()))
    return regions

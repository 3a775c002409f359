"""Names in a photo, from wherever photo programs keep them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from niteru.engine.photos.file_content import read_bytes
from niteru.engine.photos.names.beside import beside
from niteru.engine.photos.names.claim import Claim
from niteru.engine.photos.names.merging import merged
from niteru.engine.photos.names.named import Fault, FaultKind, NamesFound
from niteru.engine.photos.names.picasa import NAMES, picasa_claims
from niteru.engine.photos.names.picture_head import PictureHead, head_of
from niteru.engine.photos.names.regions_in_xmp import claims_in
from niteru.engine.photos.names.takeout import takeout_claims, takeout_names
from niteru.engine.photos.names.xml_tree import MOST_BYTES
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.source import PhotoSource


def names_in(photo: PhotoSource, data: bytes | None = None) -> NamesFound:
    """Find the names that people have given to faces in a photo.

    They are looked for beside the photo in ``IMG.jpg.xmp`` and ``IMG.xmp``, in the photo's own XMP, in
    ``.picasa.ini``, and in what Google Takeout puts beside a photo. Where they contradict each other the first of these
    is believed, and a fault tells it.

    Args:
        photo: a file here or in a store.
        data: its bytes, if they are at hand.

    Returns:
        Names, with boxes where there are any, and what was wrong. Nothing is raised: a photo that cannot be read has no
        names, and a fault.

    Example:
        >>> from pathlib import Path
        >>> print(*names_in(Path("missing.jpg")).faults)
        missing.jpg: No such file or directory
    """
    try:
        picture = head_of(read_bytes(photo) if data is None else data)
    except PhotoError as error:
        return NamesFound(faults=(Fault(FaultKind.UNREADABLE, f"{photo}: {error}"),))
    faults = list[Fault]()
    claims = _beside(photo, picture, faults)
    for packet in picture.packets:
        claims += claims_in(packet, str(photo), picture, faults)
    claims += _by_picasa(photo, picture, faults)
    claims += _by_takeout(photo, faults)
    return replace(merged(claims, faults), size=picture.upright)


def names_mark(photo: PhotoSource) -> str | None:
    """Mark of the files beside a photo that :func:`names_in` reads: it changes when one of them does.

    Returns:
        The mark; None if it cannot be told which files there are.
    """
    mark = hashlib.blake2b(digest_size=8)
    try:
        for names in (*sidecar_names(photo), NAMES, *takeout_names(photo.name)):
            if (file := beside(photo, *names)) is not None:
                mark.update(repr((file.name, *PhotoStamp.of(file))).encode())
    except OSError:
        return None
    return mark.hexdigest()


def sidecar_names(photo: PhotoSource) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that a file of XMP beside a photo may have: of this file alone, and of all with its stem."""
    stem = photo.name.removesuffix(photo.suffix)
    return (f"{photo.name}.xmp", f"{photo.name}.XMP"), (f"{stem}.xmp", f"{stem}.XMP")


def _beside(photo: PhotoSource, picture: PictureHead, faults: list[Fault]) -> list[Claim]:
    own, shared = sidecar_names(photo)
    claims = list[Claim]()
    for names, suffix in ((own, None), (shared, photo.suffix)):
        try:
            file = beside(photo, *names)
            if file is not None:
                claims += claims_in(_bytes_of(file), str(file), picture, faults, suffix)
        except OSError as error:
            faults.append(Fault(FaultKind.UNREADABLE, f"{photo}: {names[0]} cannot be read: {error}"))
    return claims


def _bytes_of(file: PhotoSource) -> bytes:
    """The bytes of a small file; of a large one as many as show that it is."""
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _by_picasa(photo: PhotoSource, picture: PictureHead, faults: list[Fault]) -> list[Claim]:
    try:
        ini = beside(photo, *NAMES)
        return list(picasa_claims(ini, photo.name, picture.orientation, faults)) if ini is not None else []
    except OSError as error:
        faults.append(Fault(FaultKind.UNREADABLE, f"{photo}: {NAMES[0]} cannot be read: {error}"))
        return []


def _by_takeout(photo: PhotoSource, faults: list[Fault]) -> list[Claim]:
    try:
        found = [file for names in takeout_names(photo.name) if (file := beside(photo, *names)) is not None]
        return list(takeout_claims(_bytes_of(found[0]), str(found[0]), faults)) if found else []
    except OSError as error:
        faults.append(Fault(FaultKind.UNREADABLE, f"{photo}: what Google says of it cannot be read: {error}"))
        return []

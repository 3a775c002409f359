"""Probe for the photos of a form."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import FileStorage

from niteru.engine.photos.photo_error import EmptyFile
from niteru.indexer.ask.probe import Probe, from_photos
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.context import client_is_there, live
from niteru.serve.http.parameters import MOST_PHOTOS
from niteru.serve.http.refusals import BadParameter, MissingImage


def uploads_in(files: dict[str, list[FileStorage]]) -> list[bytes]:
    """The photos of a form, one to eight.

    Raises:
        MissingImage: there are none.
        EmptyFile: those that there are have no bytes.
        BadParameter: there are too many, or something else is in the form.
    """
    photos = files.get("image", [])
    others = sorted(set(request.form) | (set(request.files) - {"image"}))
    if others and photos:
        raise BadParameter(
            f"{others[0]!r} is out of place: the form takes only 'image', the query string takes the parameters"
        )
    if not photos:
        raise MissingImage("send the photo as multipart/form-data in the field 'image'")
    uploads = [photo.read() for photo in photos]
    if not any(uploads):
        raise EmptyFile("the file is empty")
    if len(uploads) > MOST_PHOTOS:
        raise BadParameter(f"{len(uploads)} photos were sent; at most {MOST_PHOTOS} are accepted")
    return uploads


def uploaded_probe(gallery: GalleryReader, uploads: list[bytes], face: str, portrait: int = 0) -> Probe:
    """Probe for one person in these photos.

    Args:
        gallery: the gallery to ask.
        uploads: the photos.
        face: which face of each.
        portrait: side of the portrait to make of the first photo, in pixels; 0 for none.

    Raises:
        PhotoError, FaceTooSmall, NoSuchFace, Abandoned: see :func:`niteru.indexer.ask.probe.from_photos`.
    """
    work = live().photo_work(client_is_there(request.environ))
    return from_photos(live().recogniser(gallery.generation), uploads, face, work, portrait)

"""``/portrait.jpg`` and ``/photo.jpg``: people as photos show them, larger than crops and with more around."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache
from flask import Flask, Response, current_app
from flask_smorest import Blueprint

from niteru.engine.work.usable_cores import usable_cores
from niteru.indexer.ask.asking import check_one
from niteru.indexer.ask.not_found import FaceNotFound, ImageNotFound, PersonNotFound
from niteru.indexer.ask.portraits import best_face, portrait_of, whole_photo
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import opened
from niteru.serve.http.picture_parameters import FacePictureSchema, PhotoSchema, PictureParameters
from niteru.serve.http.refusals import MissingImage
from niteru.serve.http.revalidated import jpeg, revalidated
from niteru.serve.pictures.encoding import as_jpeg

KEPT_BYTES = 64 * 2**20
"""Memory for portraits that were asked for lately."""
INSET = "Face-Inset"
"""Header: share of the side between the edge of a portrait and the face's crop in its middle."""

blueprint = Blueprint("portraits", __name__, description="Pictures of people, cut from their photos.")


@dataclass(frozen=True, slots=True)
class Picture:
    """JPEG file of a portrait, and its inset."""

    data: bytes
    inset: float


class Kept:
    """Portraits that were made lately; only so many are made at once as there are cores."""

    def __init__(self) -> None:
        self._pictures: LRUCache[tuple[int, int, int], Picture] = LRUCache(KEPT_BYTES, lambda one: len(one.data))
        self._lock = threading.Lock()
        self.working = threading.BoundedSemaphore(usable_cores())
        """Held by whoever decodes a photo."""

    def get(self, key: tuple[int, int, int], make: Callable[[], Picture]) -> Picture:
        """The picture of a key: generation, face and side."""
        with self._lock:
            found = self._pictures.get(key)
        if found is None:
            with self.working:
                found = make()
            with self._lock:
                self._pictures[key] = found
        return found


def _kept() -> Kept:
    kept: Kept = current_app.extensions["niteru-portraits"]
    return kept


def register(app: Flask) -> None:
    """Give the application a place for its portraits."""
    app.extensions["niteru-portraits"] = Kept()


@blueprint.get("/portrait.jpg")
@query(blueprint, FacePictureSchema)
@revalidated(blueprint)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@problems(blueprint, 400, 404, 503)
def get_portrait(parameters: PictureParameters) -> Response:
    """Cut a person, by the face that shows them best, or one face out of the photo: upright, with the whole head.

    The header ``Face-Inset`` says how far inside the edges the aligned crop lies, as a share of the side. Where the
    photo cannot be read, or has changed since it was indexed, it is the crop itself, 112 pixels.
    """
    with opened() as gallery:
        face = _meant(gallery, parameters)
        key = (gallery.generation.number, face.id, parameters.side)
        found = _kept().get(key, lambda: _portrait(gallery, face, parameters.side))
    response = jpeg(found.data)
    response.headers[INSET] = f"{found.inset:.4f}"
    return response


@blueprint.get("/photo.jpg")
@query(blueprint, PhotoSchema)
@revalidated(blueprint)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@problems(blueprint, 400, 404, 503)
def get_photo(parameters: PictureParameters) -> Response:
    """Return the photo of a face as a JPEG, upright and without its metadata."""
    with opened() as gallery:
        face = _meant(gallery, parameters)
        with _kept().working:
            pixels = whole_photo(gallery, face, parameters.side)
    if pixels is None:
        raise ImageNotFound(f"{face.photo} cannot be read here, or has changed since it was indexed: run niteru index")
    return jpeg(as_jpeg(pixels))


def _meant(gallery: GalleryReader, parameters: PictureParameters) -> FaceRow:
    """The face whose picture is asked for.

    Raises:
        MissingImage: no face and nobody is named.
        PersonNotFound, ImageNotFound: the gallery has none such.
    """
    if not parameters.image and not parameters.person:
        raise MissingImage("say whose picture: ?person=NAME or ?image=face:123")
    check_one(parameters.image or None, parameters.person or None)
    if parameters.person:
        name = gallery.queries.known_name(parameters.person)
        face = None if name is None else best_face(gallery, name)
        if face is None:
            raise PersonNotFound(f"there is nobody called {parameters.person!r}; /people lists all names")
        return face
    face = gallery.resolve(parameters.image)
    if face is None:
        raise ImageNotFound(f"the gallery has no {parameters.image!r}; a face is face:ID")
    return face


def _portrait(gallery: GalleryReader, face: FaceRow, side: int) -> Picture:
    made = portrait_of(gallery, face, side)
    if made is None:
        raise FaceNotFound(f"the crop of face {face.id} is missing")
    return Picture(as_jpeg(made.pixels), made.inset)

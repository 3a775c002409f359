"""Probe for what a query string names of the gallery: a person, a photo or a face."""

from __future__ import annotations

from niteru.indexer.ask.asking import check_one
from niteru.indexer.ask.probe import Probe, from_gallery, from_person
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.parameters import Parameters
from niteru.serve.http.refusals import MissingImage


def known_probe(gallery: GalleryReader, parameters: Parameters) -> Probe:
    """Probe for the ``person`` or the ``image`` of a question.

    Raises:
        MissingImage: neither is given.
        UnclearQuestion: both are.
        PersonNotFound, PersonWithoutFace, ImageNotFound: the gallery has no such person, face of theirs, or photo.
        AgeUnknown: nobody knows how old the person is, or no photo shows them at the age that is asked about.
    """
    if not parameters.image and not parameters.person:
        raise MissingImage("ask with ?person=NAME, ?image=NAME/photo.jpg or ?image=face:123, or POST a photo")
    check_one(parameters.image or None, parameters.person or None)
    if parameters.person:
        return from_person(gallery, parameters.person, parameters.age)
    return from_gallery(gallery, parameters.image)


def named_probe(gallery: GalleryReader, name: str) -> Probe:
    """Probe for a photo or a face, where the gallery has one of this name, or for a person.

    Raises:
        PersonNotFound, PersonWithoutFace: the gallery has no such person, or no face of theirs.
    """
    return from_person(gallery, name) if gallery.resolve(name) is None else from_gallery(gallery, name)

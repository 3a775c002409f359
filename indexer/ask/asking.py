"""One way to ask for look-alikes: by the page, HTTP, the card, the command line and Python."""

from __future__ import annotations

from dataclasses import replace

from niteru.engine.failure import Failure
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Answer, Question, Wish, ask
from niteru.indexer.ask.not_found import PersonWithoutFace
from niteru.indexer.ask.person_question import ask_about_person
from niteru.indexer.ask.probe import Probe, from_person
from niteru.indexer.gallery import GalleryReader


class UnclearQuestion(Failure):
    """A question is not about a person or a photo, or wants rows that a person has none of."""

    slug = "bad-parameter"


def look_alikes(live: LiveGallery, gallery: GalleryReader, probe: Probe, wish: Wish) -> Answer:
    """Find the look-alikes of a person by all of their photos, or of a photo.

    Args:
        live: keeps everybody ready to be compared.
        gallery: opened by it.
        probe: whom to ask about.
        wish: what is wanted.

    Raises:
        UnclearQuestion: a row for each face of the people like a person is wanted.
        PersonWithoutFace: the index has no face of the person.
        BadCondition: one of the conditions names no column, or a range that is none.
    """
    if probe.asked == "photo":
        kind = (wish.k, wish.by, wish.mode, wish.max_rarity)
        seen = (probe.agreement, probe.photos, probe.blur)
        question = Question(probe.vector, probe.person_id, *kind, *seen, wish.where, wish.only)
        return ask(gallery, replace(question, ages=wish.ages, not_related=wish.not_related))
    if wish.by == "face":
        raise UnclearQuestion("a person is compared with people: ask about one of their photos for rows by face")
    people = live.everybody(gallery, wish.ages)
    if probe.person_id not in people.rows:  # labelled so since the index was published
        raise PersonWithoutFace(f"{probe.person} has no face in the index yet: run niteru index")
    return ask_about_person(gallery, people, probe.person_id, wish)


def compared_with(live: LiveGallery, gallery: GalleryReader, probe: Probe, other: str) -> Answer:
    """Answer whose only row is one person.

    Raises:
        PersonNotFound: nobody has that name.
        PersonWithoutFace: the index has no face of them.
    """
    found = look_alikes(live, gallery, probe, Wish(1, mode="all", only=only_one(gallery, other)))
    if not found.results:  # gone meanwhile
        raise PersonWithoutFace(f"no photo of {other!r} shows a face that is in the index: run niteru index")
    return found


def check_one(photo: object | None, person: str | None) -> None:
    """Check that a question is about a photo or about a person.

    Raises:
        UnclearQuestion: both are given, or neither.
    """
    if (photo is None) == (person is None):
        raise UnclearQuestion("ask about a photo or about a person: give one of the two")


def only_one(gallery: GalleryReader, name: str) -> frozenset[int]:
    """The one person to compare with, as a wish has it.

    Raises:
        PersonNotFound: nobody has that name.
        PersonWithoutFace: the index has no face of them.
    """
    person = from_person(gallery, name).person_id
    return frozenset() if person is None else frozenset({person})

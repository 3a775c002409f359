"""One way to ask for look-alikes: by the page, HTTP, the card, the command line and Python."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.engine.failure import Failure
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Answer, By, Mode, Question, ask
from niteru.indexer.ask.not_found import PersonWithoutFace
from niteru.indexer.ask.person_question import PersonQuestion, ask_about_person
from niteru.indexer.ask.probe import Probe
from niteru.indexer.gallery import GalleryReader


class UnclearQuestion(Failure):
    """A question is about a person and a photo at once, or wants rows that a person has none of."""

    slug = "bad-parameter"


@dataclass(frozen=True, slots=True)
class Wish:
    """Kind of answer that is wanted, see :class:`niteru.indexer.ask.lookalike.Question`."""

    k: int = 10
    by: By = "person"
    mode: Mode = "lookalike"
    max_rarity: float | None = None
    where: tuple[str, ...] = ()


def look_alikes(live: LiveGallery, gallery: GalleryReader, probe: Probe, wish: Wish = Wish()) -> Answer:
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
        kind = (wish.k, wish.by, wish.mode, wish.max_rarity, probe.agreement, wish.where)
        return ask(gallery, Question(probe.vector, probe.person_id, *kind))
    if wish.by == "face":
        raise UnclearQuestion("a person is compared with people: ask about one of their photos for rows by face")
    people = live.everybody(gallery)
    if probe.person_id not in people.rows:  # labelled so since the index was published
        raise PersonWithoutFace(f"{probe.person} has no face in the index yet: run niteru index")
    return ask_about_person(
        gallery, people, PersonQuestion(probe.person_id, wish.k, wish.mode, wish.max_rarity, wish.where)
    )


def one_of(photo: object, person: object) -> None:
    """Refuse a question about both a photo and a person.

    Raises:
        UnclearQuestion: both are given.
    """
    if photo and person:
        raise UnclearQuestion("ask about a person or about a photo, not about both at once")

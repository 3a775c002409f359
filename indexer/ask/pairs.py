"""The pairs of people who are most alike in a whole gallery, for somebody who only wants to look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from niteru.engine.photos.person_name import group_number
from niteru.indexer.ask.published_people import PublishedPeople
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.gallery import GalleryReader

MOST_TIMES = 2
"""Pairs in which one person is shown."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people: names, the score that ranks them, its rarity, and whether they are of one family."""

    one: str
    other: str
    similarity: float
    rarity: float
    related: bool


def most_alike(gallery: GalleryReader, people: PublishedPeople, k: int) -> list[Pair]:
    """Choose the most alike pairs of different people who have names, each person in few of them.

    Args:
        gallery: to ask for names.
        people: of its generation.
        k: pairs at most; of few people there are fewer, for not everybody is alike.
    """
    names = {person: name for person, name, _ in gallery.queries.people() if group_number(name) is None}
    test, lives = SamePerson.by_people(gallery.generation), gallery.generation.columns.lives
    shown: Counter[int] = Counter()
    found: list[Pair] = []
    for score, one, other in people.nearest_pairs:
        if len(found) == min(k, len(names) // 2):
            break
        mine, theirs = (names.get(int(people.ids[row])) for row in (one, other))
        if mine is None or theirs is None or max(shown[one], shown[other]) >= MOST_TIMES:
            continue
        if not test.holds(people.cosine(one, other), float(people.agreement[one] * people.agreement[other])):
            related = lives.related(int(people.ids[one]), int(people.ids[other]))
            found.append(Pair(mine, theirs, score, people.measured.rarity(score), related))
            shown.update((one, other))
    return found

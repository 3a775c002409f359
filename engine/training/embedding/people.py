"""The check that there are enough people to learn from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from niteru.engine.failure import Failure


class TooFewPeople(Failure):
    """There are too few people to learn from."""


def check_people(faces: Path, people: list[str], least: int, photos: int) -> None:
    """Refuse to learn from too few people.

    Args:
        faces: folder of the photos, for the message.
        people: name of each photo's person.
        least: number of people that are needed.
        photos: number of photos that each of them must have.

    Raises:
        TooFewPeople: there are fewer.
    """
    enough = sum(count >= photos for count in Counter(people).values())
    if enough < least:
        raise TooFewPeople(
            f"{faces}: {enough} people with {photos} usable photos or more to learn from; at least {least} are needed"
        )

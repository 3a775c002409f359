"""Are there enough people to learn from?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from niteru.engine.failure import Failure


class TooFewPeople(Failure):
    """Not enough to learn from."""


def check_people(faces: Path, people: list[str], least: int, photos: int) -> None:
    """Refuse to learn from next to nothing.

    Args:
        faces: where they were looked for.
        people: name of each photo's person.
        least: people that are needed.
        photos: that each of them must have.

    Raises:
        TooFewPeople: if there are fewer.
    """
    enough = sum(count >= photos for count in Counter(people).values())
    if enough < least:
        raise TooFewPeople(
            f"{faces}: {enough} people with {photos} usable photos or more to learn from; at least {least} are needed"
        )

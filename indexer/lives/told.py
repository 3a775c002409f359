"""What somebody tells of people by hand: a birth year, and families."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from niteru.engine.failure import Failure
from niteru.engine.photos.person_name import tidy_name
from niteru.engine.photos.tables.photo_table import values_in_cell
from niteru.engine.photos.tables.usual_columns import EARLIEST_BIRTH, Meaning

MOST_LETTERS = 200
"""Letters in the name of a family."""


class BadFact(Failure):
    """What is told of somebody cannot be so."""

    slug = "bad-parameter"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of somebody.

    Attributes:
        born: year of birth; None to say nothing of it.
        family: names of the families that they belong to; none to say that they belong to none that is known, and None
            to say nothing of it.
    """

    born: int | None = None
    family: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        """Whether anything is told."""
        return self.born is not None or self.family is not None

    def facts(self) -> dict[Meaning, str]:
        """It as cells of a table would have it.

        Raises:
            BadFact: nobody was born in that year, or a family has no name, or one that is too long.

        Example:
            >>> Told(1815, ("Byron", "Milbanke")).facts()
            {<Meaning.BORN: 'born'>: '1815', <Meaning.FAMILY: 'family'>: 'Byron;Milbanke'}
        """
        found = dict[Meaning, str]()
        if self.born is not None:
            latest = date.today().year
            if not EARLIEST_BIRTH <= self.born <= latest:
                raise BadFact(f"{self.born} is no year of birth: say one from {EARLIEST_BIRTH} to {latest}")
            found[Meaning.BORN] = str(self.born)
        if self.family is not None:
            found[Meaning.FAMILY] = ";".join(map(_checked_family, self.family))
        return found


def _checked_family(name: str) -> str:
    if not name.isprintable() or len(values_in_cell(name)) != 1 or len(tidy_name(name)) > MOST_LETTERS:
        raise BadFact(
            f"{tidy_name(name)[:40]!r} is no name of a family: say one of 1 to {MOST_LETTERS} letters, without ; and |"
        )
    return tidy_name(name)

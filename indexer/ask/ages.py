"""Ages: which of them are asked about, how old everybody is on their photos, and who has no age."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from niteru.engine.failure import Failure
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.generation import Generation

MOST_YEARS = 130
_ONE = re.compile(r"[0-9]{1,3}")
_SEVERAL = re.compile(r"([0-9]{0,3})\.\.([0-9]{0,3})")
_SHARE = 10
"""An age means a tenth of itself more or less: a face changes more in the years from 4 to 8 than from 44 to 48."""


class BadAge(Failure):
    """A text is no age, and no range of ages."""

    slug = "bad-parameter"


class AgeUnknown(Failure):
    """Nobody knows how old a person is on their photos, or none shows them at the ages that are asked about."""


@dataclass(frozen=True, slots=True)
class Ages:
    """A range of ages in years, both ends of which belong to it."""

    low: int
    high: int

    @classmethod
    def parse(cls, text: str) -> Ages:
        """Read an age, which means about that age, or a range of ages.

        Args:
            text: ``20``, which means a tenth more or less, and a year at least; or ``18..25``, ``60..``, ``..3``.

        Raises:
            BadAge: it is neither.

        Example:
            >>> Ages.parse("20"), Ages.parse("4"), Ages.parse("18..25"), Ages.parse("..3")
            (Ages(low=18, high=22), Ages(low=3, high=5), Ages(low=18, high=25), Ages(low=0, high=3))
        """
        text = text.strip()
        if _ONE.fullmatch(text) and int(text) <= MOST_YEARS:
            age = int(text)
            around = max(1, round(age / _SHARE))
            return cls(max(0, age - around), age + around)
        found = _SEVERAL.fullmatch(text)
        if found is not None and any(found.groups()):
            low, high = int(found[1] or 0), int(found[2] or MOST_YEARS)
            if low <= high <= MOST_YEARS:
                return cls(low, high)
        raise BadAge(f"{text!r} is no age: write one such as 20, or a range such as 18..25, up to {MOST_YEARS} years")

    def __str__(self) -> str:
        """The range in words."""
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"

    def contain(self, ages: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mask of those ages that lie in the range; an age that is not known, -1, does not."""
        return (ages >= self.low) & (ages <= self.high)

    def faces(self, generation: Generation) -> NDArray[np.int64]:
        """Ids of the faces at these ages, ascending."""
        return generation.face_ids[self.contain(generation.ages)]


@dataclass(frozen=True, slots=True)
class Ageless:
    """Who is at certain ages on some photo, and who has no age on any.

    Attributes:
        ages: those that were asked about.
        people: number of people with a photo at these ages.
        without_birth_year: number of people and groups whose birth year is not known.
        without_date: number of the others of whom no photo has a date.
    """

    ages: Ages
    people: int
    without_birth_year: int
    without_date: int

    @classmethod
    def of(cls, generation: Generation, ages: Ages) -> Ageless:
        """Count them in a generation."""
        owners, known = generation.person_ids, generation.ages >= 0
        everybody, aged = np.unique(owners), np.unique(owners[known])
        born = np.isin(everybody, list(generation.columns.lives.born))
        return cls(
            ages,
            len(np.unique(owners[ages.contain(generation.ages)])),
            int((~born).sum()),
            int((born & ~np.isin(everybody, aged)).sum()),
        )


def faces_at(gallery: GalleryReader, rows: list[FaceRow], ages: Ages) -> list[FaceRow]:
    """Those of a person's faces that show them at these ages.

    Args:
        gallery: of the faces.
        rows: all faces of one person; at least one.
        ages: those that are asked about.

    Raises:
        AgeUnknown: nobody knows how old the person is, or no photo shows them at these ages.
    """
    generation, name, person = gallery.generation, str(rows[0].person), rows[0].person_id
    lives, dates = generation.columns.lives, {row.id: generation.taken_of(row.id) for row in rows}
    if person in lives.disputed:
        said = " and ".join(map(str, lives.disputed[person]))
        raise AgeUnknown(f'{name} was born in {said}, as the table has it: say which, niteru name "{name}" --born YEAR')
    if person not in lives.born:
        raise AgeUnknown(
            f'nobody knows when {name} was born: say it, niteru name "{name}" --born YEAR, or in a column called born'
        )
    if not any(dates.values()):
        raise AgeUnknown(
            f"none of the photos of {name} has a date: put the year into the name of their folder, or in a column "
            "called taken, and run niteru index"
        )
    found = {row.id: generation.age_of(person, dates[row.id]) for row in rows}
    wanted = [row for row in rows if (age := found[row.id]) is not None and ages.low <= age <= ages.high]
    if not wanted:
        known = sorted({age for age in found.values() if age is not None})
        shown = f"they show {name} at {_in_words(known)}" if known else f"all are older than {name}"
        raise AgeUnknown(f"no photo with a date shows {name} at {ages}: {shown}")
    return wanted


def _in_words(ages: list[int]) -> str:
    """Ages as runs: 5, 18 to 21."""
    runs = []
    for _, some in groupby(enumerate(ages), key=lambda one: one[1] - one[0]):
        run = [age for _, age in some]
        runs.append(str(Ages(run[0], run[-1])))
    return ", ".join(runs)

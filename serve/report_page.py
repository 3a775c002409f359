"""The page of a report: what it shows of everybody, and which faces it needs for that."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from indexer.families import Family
from indexer.persons import Persons
from indexer.resemblance import PersonRow, Resemblance
from indexer.suspects import Suspect
from serve.rarity import rarity_in_words
from serve.surprises import Surprises

TOP_PAIRS = 24
SHOWN_SUSPECTS = 60
SHOWN_FAMILIES, SHOWN_MEMBERS = 24, 16
SHOWN_PEOPLE = 2_000
"""Rows of a page that a browser still opens in a second; the tables have everybody."""
HEADINGS = {
    "split": (
        "Perhaps one person under two names",
        "As alike as one person's photos are among themselves: twins, or one name too many.",
    ),
    "moved": ("Perhaps somebody else's photo", "Nearer to the second person's photos than to the others of its own."),
    "mixed": (
        "Perhaps two people under one name",
        "The photos fall into two groups that are as far apart as strangers are.",
    ),
    "duplicate": ("Nearly the same picture twice", "Told by the pixels of the aligned faces."),
    "poor": ("Faces that may serve badly", "They are compared all the same."),
}


Why = dict[tuple[int, int], list[tuple[str, float]]]
"""By the numbers of two faces: their parts and how much each has to do with the likeness, the most first."""


@dataclass(frozen=True, slots=True)
class Member:
    """Of a family: name and the number of a face."""

    name: str
    face: int


@dataclass(frozen=True, slots=True)
class Group:
    """A family as the page shows it: some of its people, and how many they are."""

    people: list[Member]
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """All that a page shows; for others than the owner, rows and pairs alone."""

    rows: list[PersonRow]
    pairs: list[Resemblance]
    suspects: dict[str, list[Suspect]] = field(default_factory=dict)
    families: list[Group] = field(default_factory=list)
    news: Surprises | None = None

    def faces(self) -> set[int]:
        """The numbers of the faces on it."""
        beside = [*(one for row in self.rows for one in row.nearest), *self.pairs]
        beside += self.news.risen if self.news else []
        faces = {face.id for one in beside for face in (one.face, one.other)}
        faces |= {member.face for group in self.families for member in group.people}
        return faces | {face for some in self.suspects.values() for one in some[:SHOWN_SUSPECTS] for face in one.faces}

    def write(self, folder: Path, said: dict[str, Any], why: Why) -> None:
        """Write ``index.html`` and its script."""
        template = _environment().get_template("report.html")
        text = template.render(page=self, said=said, why=why, most=SHOWN_SUSPECTS, headings=HEADINGS)
        (folder / "index.html").write_text(text, encoding="utf-8")
        shutil.copyfile(Path(__file__).parent / "templates" / "report.js", folder / "report.js")


def top_pairs(rows: list[PersonRow]) -> list[Resemblance]:
    """The most alike pairs, each once; those who may be one person are told elsewhere."""
    pairs: dict[frozenset[str], Resemblance] = {}
    for row in rows:
        for found in row.nearest:
            if not found.same_person:
                pairs.setdefault(frozenset((found.person, found.other_person)), found)
    return sorted(pairs.values(), key=lambda found: -found.similarity)[:TOP_PAIRS]


def groups(persons: Persons, found: list[Family]) -> list[Group]:
    """The closest families, with a face of each of their people."""

    def member(row: int) -> Member:
        return Member(persons.names[row], int(persons.face_ids[persons.portrait(row)]))

    return [
        Group([member(row) for row in family.people[:SHOWN_MEMBERS]], len(family.people))
        for family in found[:SHOWN_FAMILIES]
    ]


def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("serve"), autoescape=select_autoescape())
    environment.filters["rarity"] = rarity_in_words
    return environment

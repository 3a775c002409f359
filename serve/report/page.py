"""Page of a report: its contents, the faces that they need, and their rendering."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from niteru.indexer.ask.families import Family
from niteru.indexer.ask.persons import Persons
from niteru.indexer.ask.rarity_in_words import WORDS, likely_in_words, rarity_in_words
from niteru.indexer.ask.resemblance import PersonRow, Resemblance
from niteru.indexer.ask.suspects import Suspect
from niteru.serve.report.face_map import FaceMap
from niteru.serve.report.surprises import Surprises

ROWS = "rows"
"""Folder of the rows that the page loads later."""
TOP_PAIRS, MUTUAL_PAIRS = 24, 60
SHOWN_SUSPECTS = 60
SHOWN_FAMILIES, SHOWN_MEMBERS = 24, 16
SHOWN_PEOPLE = 10_000
"""Most people who have a row on the page; the tables have everybody."""
CHUNK = 50
"""Rows that come with the page; later ones are loaded in chunks of this size when scrolled to or searched for."""
HEADINGS = {
    "split": (
        "Possibly one person under two names",
        "Two people who are as alike as photos of one person are: twins, or one name too many.",
    ),
    "moved": (
        "Possibly a photo of somebody else",
        "Photos that are nearer to the second person's photos than to the others of their own person.",
    ),
    "mixed": (
        "Possibly two people under one name",
        "People whose photos fall into two groups that are as far apart as strangers are.",
    ),
    "duplicate": ("Nearly the same picture twice", "Recognised by the pixels of the aligned faces."),
    "hub": (
        "A little like everybody",
        "Often a photo that shows little, or many photos of one kind. The report already ranks these lower.",
    ),
    "poor": ("Faces of poor quality", "They are compared nevertheless."),
}
"""Heading and explanation of each kind of suspect."""


Why = dict[tuple[int, int], list[tuple[str, float]]]
"""Shares of the parts of the face in a resemblance, largest first, by the numbers of the two faces."""


@dataclass(frozen=True, slots=True)
class Member:
    """Member of a family: name, row, and the number of a face."""

    name: str
    row: int
    face: int


@dataclass(frozen=True, slots=True)
class Group:
    """Family as the page shows it: some of its people, and the number of all."""

    people: list[Member]
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """Contents of a page; an anonymous one has only rows and pairs.

    Attributes:
        rows: people who have a row on the page, by name.
        pairs: the most alike pairs.
        mutual: further pairs who are each other's nearest.
        suspects: labels and photos to check, by kind.
        families: groups of people who look alike.
        news: changes since an earlier report.
        map: layout of the map of faces.
        relatives: the most alike pairs of one family.
    """

    rows: list[PersonRow]
    pairs: list[Resemblance]
    mutual: list[Resemblance]
    suspects: dict[str, list[Suspect]] = field(default_factory=dict)
    families: list[Group] = field(default_factory=list)
    news: Surprises | None = None
    map: FaceMap | None = None
    relatives: list[Resemblance] = field(default_factory=list)

    def faces(self) -> set[int]:
        """Numbers of the faces on the page."""
        pairs = [*(one for row in self.rows for one in row.nearest), *self.pairs, *self.mutual, *self.relatives]
        pairs += [one.found for one in self.news.risen] if self.news else []
        faces = {face.id for one in pairs for face in (one.face, one.other)}
        faces |= {member.face for group in self.families for member in group.people}
        return faces | {face for some in self.suspects.values() for one in some[:SHOWN_SUSPECTS] for face in one.faces}

    @property
    def has_columns(self) -> bool:
        """Whether tables say anything of its people."""
        return any(row.columns for row in self.rows)

    def family_of(self) -> dict[int, int]:
        """Numbers of the families in which people are shown, by the people's rows."""
        return {member.row: number for number, group in enumerate(self.families) for member in group.people}

    def write(self, folder: Path, overview: dict[str, Any], why: Why) -> None:
        """Write ``index.html``, its script, and the rows that are loaded later."""
        environment = _environment()
        chunks = [self.rows[start : start + CHUNK] for start in range(0, len(self.rows), CHUNK)] or [[]]
        text = environment.get_template("report.html").render(
            page=self, overview=overview, why=why, most=SHOWN_SUSPECTS, headings=HEADINGS, chunks=chunks, size=CHUNK
        )
        (folder / "index.html").write_text(text, encoding="utf-8")
        shutil.copyfile(Path(__file__).parents[1] / "templates" / "report.js", folder / "report.js")
        later = environment.get_template("report_rows.html")
        (folder / ROWS).mkdir()
        for number, rows in enumerate(chunks[1:], start=1):
            html = json.dumps(later.render(rows=rows, first=number * CHUNK), ensure_ascii=False)
            (folder / ROWS / f"{number}.js").write_text(f"rows({number}, {html});\n", encoding="utf-8")
        names = json.dumps([_sought(row) for row in self.rows], ensure_ascii=False)
        (folder / ROWS / "names.js").write_text(f"names({names});\n", encoding="utf-8")


def _sought(row: PersonRow) -> str:
    """What a person is found by: the name, and what tables say, a value a line."""
    return "\n".join([row.person, *(value for values in row.columns.values() for value in values)])


def top_pairs(rows: list[PersonRow]) -> tuple[list[Resemblance], list[Resemblance]]:
    """Split off the most alike pairs and, of the rest, those who are each other's nearest."""
    pairs: dict[frozenset[str], Resemblance] = {}
    for row in rows:
        for found in row.nearest:
            pairs.setdefault(frozenset((found.person, found.other_person)), found)
    alike = sorted(pairs.values(), key=lambda found: -found.similarity)
    most = min(TOP_PAIRS, math.ceil(len(alike) / 2))  # of few people, the less alike half is not the most alike
    return alike[:most], [found for found in alike[most:] if found.mutual][:MUTUAL_PAIRS]


def family_pairs(rows: list[PersonRow]) -> list[Resemblance]:
    """The most alike pairs of one family, each once."""
    pairs = {frozenset((found.person, found.other_person)): found for row in rows for found in row.relatives}
    return sorted(pairs.values(), key=lambda found: -found.similarity)[:MUTUAL_PAIRS]


def groups(persons: Persons, found: list[Family]) -> list[Group]:
    """Prepare the closest families for the page, with a face of each member."""

    def member(row: int) -> Member:
        return Member(persons.names[row], row, int(persons.face_ids[persons.portrait(row)]))

    return [
        Group([member(row) for row in family.people[:SHOWN_MEMBERS]], len(family.people))
        for family in found[:SHOWN_FAMILIES]
    ]


def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("niteru.serve"), autoescape=select_autoescape())
    environment.filters["rarity"] = rarity_in_words
    environment.filters["likely"] = likely_in_words
    environment.globals["words"] = WORDS["en"]
    return environment

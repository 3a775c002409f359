"""Page of a report: its contents, the faces that they need, and their rendering."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from niteru.engine.embedding.regions import PARTS
from niteru.engine.faces.alignment import CROP_SIZE
from niteru.indexer.ask.families import Family
from niteru.indexer.ask.persons import Persons
from niteru.indexer.ask.rarity_in_words import LANGUAGES, WORDS
from niteru.indexer.ask.resemblance import PersonRow, PersonRows, Resemblance
from niteru.indexer.ask.suspects import Suspect
from niteru.indexer.generations.columns import PersonColumns
from niteru.serve.report import sayings
from niteru.serve.report.face_map import FaceMap
from niteru.serve.report.feed import file_of
from niteru.serve.report.pictures import Pictures
from niteru.serve.report.surprises import Surprises

_SERVE = Path(__file__).parents[1]
STYLES = ("static/design.css", "templates/report.css")
SCRIPTS = ("report_words.js", "report_pair.js", "report.js")
"""In the order in which the page runs them: modules are not loaded from a disk."""
ROWS = "rows"
"""Folder of the rows that the page loads later."""
TOP_PAIRS, MUTUAL_PAIRS = 24, 60
SHOWN_SUSPECTS = 60
SHOWN_FAMILIES, SHOWN_MEMBERS = 24, 16
SHOWN_PEOPLE = 10_000
"""Most people who have a row on the page; the tables have everybody."""
CHUNK = 50
"""Rows that come with the page; later ones are loaded in chunks of this size when scrolled to or searched for."""

Why = dict[tuple[int, int], dict[str, float]]
"""Shares of the parts of the face in a resemblance by the numbers of the two faces."""


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
        portraits: number of the face that shows a person, by name.
        suspects: labels and photos to check, by kind.
        families: groups of people who look alike.
        news: changes since an earlier report; None if there is none to compare with.
        map: layout of the map of faces.
        relatives: the most alike pairs of one family.
        rowless: what people beyond those rows are found by, see :func:`sought`.
    """

    rows: list[PersonRow]
    pairs: list[Resemblance]
    mutual: list[Resemblance]
    portraits: dict[str, int]
    suspects: dict[str, list[Suspect]] = field(default_factory=dict)
    families: list[Group] = field(default_factory=list)
    news: Surprises | None = None
    map: FaceMap | None = None
    relatives: list[Resemblance] = field(default_factory=list)
    rowless: list[str] = field(default_factory=list)

    def large_pairs(self) -> list[Resemblance]:
        """Pairs that can be looked at large."""
        risen = [one.found for one in self.news.risen] if self.news else []
        return [*self.pairs, *risen, *self.mutual, *self.relatives]

    def faces(self) -> list[int]:
        """Numbers of the faces on the page, those first that are seen first."""
        found = [face.id for one in self.large_pairs() for face in (one.face, one.other)]
        found += [member.face for group in self.families for member in group.people]
        found += [face for some in self.suspects.values() for one in some[:SHOWN_SUSPECTS] for face in one.faces]
        found += self.portraits.values()
        found += [one.other.id for row in self.rows for one in row.nearest]
        return list(dict.fromkeys([*found, *(one.face.id for row in self.rows for one in row.nearest)]))

    @property
    def has_columns(self) -> bool:
        """Whether tables say anything of its people."""
        return any(row.columns for row in self.rows)

    def family_of(self) -> dict[int, int]:
        """Numbers of the families in which people are shown, by the people's rows."""
        return {member.row: number for number, group in enumerate(self.families) for member in group.people}

    def write(self, folder: Path, overview: dict[str, Any], why: Why, pictures: Pictures) -> None:
        """Write ``index.html``, its scripts, and the rows that are loaded later."""
        environment = _environment(self, why, pictures)
        chunks = [self.rows[start : start + CHUNK] for start in range(0, len(self.rows), CHUNK)] or [[]]
        text = environment.get_template("report.html").render(
            overview=overview,
            feeds={} if overview["anonymous"] else {language: file_of(language) for language in LANGUAGES},
            most=SHOWN_SUSPECTS,
            chunks=chunks,
            size=CHUNK,
        )
        (folder / "index.html").write_text(text, encoding="utf-8")
        for file in (*(_SERVE / "templates" / script for script in SCRIPTS), _SERVE / "static" / "icon.svg"):
            shutil.copyfile(file, folder / file.name)
        later = environment.get_template("report_rows.html")
        (folder / ROWS).mkdir()
        for number, rows in enumerate(chunks[1:], start=1):
            html = json.dumps(later.render(rows=rows, first=number * CHUNK), ensure_ascii=False)
            (folder / ROWS / f"{number}.js").write_text(f"rows({number}, {html});\n", encoding="utf-8")
        names = json.dumps([*(sought(row.person, row.columns) for row in self.rows), *self.rowless], ensure_ascii=False)
        (folder / ROWS / "names.js").write_text(f"names({names});\n", encoding="utf-8")


def sought(name: str, columns: PersonColumns) -> str:
    """What a person is found by: the name, and what tables say, a value a line."""
    return "\n".join([name, *(value for values in columns.values() for value in values)])


def top_pairs(rows: PersonRows) -> tuple[list[Resemblance], list[Resemblance]]:
    """Split off the most alike pairs and, of the rest, those who are each other's nearest.

    Pairs who may be one person are in neither, for that is no likeness: they stand among what is to be checked.
    """
    alike = rows.most_alike()
    most = min(TOP_PAIRS, math.ceil(len(alike) / 2))  # of few people, the less alike half is not the most alike
    mutual = alike[most:][rows.nearest.mutual[alike[most:]]][:MUTUAL_PAIRS]
    pairs, further = ([rows.resemblance(pair) for pair in some.tolist()] for some in (alike[:most], mutual))
    return pairs, further


def family_pairs(rows: PersonRows) -> list[Resemblance]:
    """The most alike pairs of one family, each once."""
    return [rows.kinship(pair) for pair in rows.closest_kin()[:MUTUAL_PAIRS].tolist()]


def groups(persons: Persons, found: list[Family], portraits: dict[str, int]) -> list[Group]:
    """Prepare the closest families for the page, with a face of each member."""

    def member(row: int) -> Member:
        name = persons.names[row]
        return Member(name, row, portraits.get(name) or int(persons.face_ids[persons.portrait(row)]))

    return [
        Group([member(row) for row in family.people[:SHOWN_MEMBERS]], len(family.people))
        for family in found[:SHOWN_FAMILIES]
    ]


def _environment(page: Page, why: Why, pictures: Pictures) -> Environment:
    environment = Environment(loader=PackageLoader("niteru.serve"), autoescape=select_autoescape())
    rows = {row.person: number for number, row in enumerate(page.rows)}

    def pair_data(found: Resemblance) -> dict[str, Any]:
        faces = (found.face.id, found.other.id)
        looked_at: dict[str, Any] = {"large": [face in pictures.large for face in faces]}
        if faces in why:
            looked_at |= {"why": why[faces], "insets": [pictures.insets.get(face, 0) for face in faces]}
        return sayings.pair_data(found, rows) | looked_at

    environment.globals.update(
        page=page,
        pictures=pictures,
        pair_data=pair_data,
        address=sayings.address,
        say=sayings.say,
        text=sayings.text,
        degree=sayings.degree,
        rarity=sayings.rarity,
        rarity_alone=sayings.rarity_alone,
        words=sayings.words(),
        resemblance={language: asdict(words) for language, words in WORDS.items()},
        parts={"side": CROP_SIZE, "parts": PARTS},
        row_of=rows,
        style="".join((_SERVE / file).read_text(encoding="utf-8") for file in STYLES),
        scripts=SCRIPTS,
    )
    return environment

"""The offline report: who looks like whom, as a folder that opens without a server."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
from jinja2 import Environment, PackageLoader, select_autoescape

from engine.embedder import Embedder
from engine.model_folder import ModelUnusable
from engine.model_zoo import find_model
from engine.regions import shares
from indexer.families import Family, families
from indexer.forgetting import Unknown
from indexer.gallery import Gallery
from indexer.persons import Persons, everybody
from indexer.resemblance import PersonRow, Resemblance, Scale, neighbours, person_rows, scale
from indexer.rows import FaceRow
from indexer.suspects import kinds, suspects
from serve.surprises import last_report, surprises
from serve.tables import write_tables

TOP_PAIRS = 24
SHOWN_SUSPECTS = 60
SHOWN_FAMILIES, SHOWN_MEMBERS = 24, 16
SHOWN_PEOPLE = 2_000
"""Rows of a page that a browser still opens in a second; the tables have everybody."""
BLUR = 9.0
"""In pixels of a crop of 112: enough that nobody is known by it, little enough that hair and pose are."""
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
_PARTS = {"index.html", "report.js", "pairs.csv", "people.csv", "suspects.csv", "report.json", "crops"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a report is wanted.

    Attributes:
        k: nearest people a row.
        people: names of those to compare; everybody if None.
        max_rarity: leave out what is more common.
        anonymise: numbers for names, blurred faces, nothing about labels: to show to others.
    """

    k: int = 5
    people: frozenset[str] | None = None
    max_rarity: float = 1.0
    anonymise: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Of a family: name and the id of a face."""

    name: str
    face: int


@dataclass(frozen=True, slots=True)
class Group:
    """A family as the page shows it: some of its people, and how many they are."""

    people: list[Member]
    size: int


def write_report(gallery: Gallery, folder: Path, wanted: Wanted = Wanted()) -> Path:
    """Write the page with the faces it shows, and its tables.

    Args:
        gallery: with a published generation.
        folder: where the report goes; an older report there is replaced.
        wanted: what of it.

    Returns:
        The path of the page.

    Raises:
        GenerationUnusable: nothing is published.
        FileExistsError: the folder holds something else than a report.
        Unknown: a person who is wanted is not here.
    """
    folder = folder.resolve()
    if folder.exists() and not {path.name for path in folder.iterdir()} <= _PARTS:
        raise FileExistsError(f"{folder} is not empty and holds no report: give another OUT")
    persons = everybody(gallery, wanted.people)
    strangers = sorted((wanted.people or frozenset()) - set(persons.names))
    if strangers:
        raise Unknown(f"nobody here is called {strangers[0]!r}: niteru people lists all names")
    found, measured = neighbours(persons, wanted.k, gallery.work_folder), scale(persons)
    rows = _chosen(person_rows(gallery, persons, found, measured), wanted)
    told = None if wanted.anonymise else suspects(gallery, persons, found, measured)
    # Built aside, so that an interruption leaves the old report whole.
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    aside.chmod(0o755)
    said = {**_overview(gallery, persons, measured), "anonymous": wanted.anonymise}
    write_tables(aside, rows, told, said)
    shown = kinds(told or [])
    pairs = _top_pairs(rows)
    groups = [] if wanted.anonymise else _groups(persons, families(persons, found, measured))
    news = None if wanted.anonymise else surprises(rows, last_report(folder))
    page = (
        _environment()
        .get_template("report.html")
        .render(
            rows=rows[:SHOWN_PEOPLE],
            pairs=pairs,
            suspects=shown,
            most=SHOWN_SUSPECTS,
            said=said,
            headings=HEADINGS,
            families=groups,
            news=news,
            why=_why(gallery, pairs),
        )
    )
    (aside / "index.html").write_text(page, encoding="utf-8")
    shutil.copyfile(Path(__file__).parent / "templates" / "report.js", aside / "report.js")
    seen = [*(one for row in rows[:SHOWN_PEOPLE] for one in row.nearest), *pairs, *(news.risen if news else ())]
    faces = {face.id for one in seen for face in (one.face, one.other)}
    faces |= {member.face for group in groups for member in group.people}
    faces |= {face for some in shown.values() for one in some[:SHOWN_SUSPECTS] for face in one.faces}
    _copy_crops(gallery, faces, aside / "crops", blurred=wanted.anonymise)
    _replace(folder, aside)
    shutil.rmtree(gallery.work_folder, ignore_errors=True)
    return folder / "index.html"


def withdraw_report(folder: Path) -> None:
    """Remove a report, if one is there: it shows people who must not be shown any more."""
    if folder.is_dir() and {path.name for path in folder.iterdir()} <= _PARTS:
        shutil.rmtree(folder)


def rarity_in_words(rarity: float) -> str:
    """``closer than 99.97 % of pairs``; rounded down, so that it never says 100 %."""
    digits = 0 if rarity >= 0.01 else 1 if rarity >= 0.001 else 2 if rarity >= 0.0001 else 3
    share = min(math.floor((1 - rarity) * 100 * 10**digits + 1e-6) / 10**digits, 99.999)
    return f"closer than {share:.{digits}f} % of pairs"


def _replace(folder: Path, aside: Path) -> None:
    """Put ``aside`` in the place of ``folder``; stopped half way, one of them is still whole."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        folder.rename(old / "report")
        aside.rename(folder)
        shutil.rmtree(old)
    else:
        aside.rename(folder)


def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("serve"), autoescape=select_autoescape())
    environment.filters["rarity"] = rarity_in_words
    return environment


def _overview(gallery: Gallery, persons: Persons, measured: Scale) -> dict[str, Any]:
    """What the report says of itself."""
    generation = gallery.generation
    return {
        "version": 1,
        "date": datetime.now(UTC).date().isoformat(),
        "generation": generation.number,
        "model": generation.model,
        "people_compared": len(persons),
        "faces": len(persons.face_ids),
        "pairs_measured": len(measured.scores),
    }


def _groups(persons: Persons, found: list[Family]) -> list[Group]:
    """The closest families, with a face of each of their people."""

    def member(row: int) -> Member:
        return Member(persons.names[row], int(persons.face_ids[persons.portrait(row)]))

    return [
        Group([member(row) for row in family.people[:SHOWN_MEMBERS]], len(family.people))
        for family in found[:SHOWN_FAMILIES]
    ]


def _why(gallery: Gallery, pairs: list[Resemblance]) -> dict[tuple[int, int], list[tuple[str, float]]]:
    """Which parts of the faces of each pair are alike, those that matter most first, by the ids of the two faces."""
    try:
        embedder = Embedder(find_model(gallery.generation.model))
    except ModelUnusable:
        return {}
    said = {}
    for pair in pairs:
        one, other = gallery.crop(pair.face.id), gallery.crop(pair.other.id)
        if one is not None and other is not None:
            parts = shares(embedder, one, [other])[0]
            said[pair.face.id, pair.other.id] = sorted(parts.items(), key=lambda part: -part[1])
    return said


def _chosen(rows: Iterable[PersonRow], wanted: Wanted) -> list[PersonRow]:
    """The rows as they are to be shown."""
    kept = []
    for row in rows:
        nearest = [found for found in row.nearest if found.rarity <= wanted.max_rarity]
        kept.append(replace(row, nearest=nearest))
    if not wanted.anonymise:
        return kept
    numbers = {row.person: f"person {number}" for number, row in enumerate(kept, start=1)}

    def unnamed(face: FaceRow) -> FaceRow:
        return replace(face, person=numbers[str(face.person)], photo=f"face {face.id}")

    return [
        replace(
            row,
            person=numbers[row.person],
            nearest=[replace(found, face=unnamed(found.face), other=unnamed(found.other)) for found in row.nearest],
        )
        for row in kept
    ]


def _top_pairs(rows: list[PersonRow]) -> list[Resemblance]:
    """The most alike pairs, each once; those who may be one person are told elsewhere."""
    pairs: dict[frozenset[str], Resemblance] = {}
    for row in rows:
        for found in row.nearest:
            if not found.same_person:
                pairs.setdefault(frozenset((found.person, found.other_person)), found)
    return sorted(pairs.values(), key=lambda found: -found.similarity)[:TOP_PAIRS]


def _copy_crops(gallery: Gallery, faces: set[int], folder: Path, *, blurred: bool) -> None:
    folder.mkdir()
    for face in faces:
        source, copy = gallery.crop_file(face), folder / f"{face}.jpg"
        if blurred:
            crop = gallery.crop(face)
            if crop is not None:
                soft = cv2.GaussianBlur(crop, (0, 0), BLUR)
                cv2.imwrite(str(copy), cv2.cvtColor(soft, cv2.COLOR_RGB2BGR))
        elif source.is_file():
            shutil.copyfile(source, copy)

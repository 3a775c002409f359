"""The offline report: who looks like whom, as a folder that opens without a server."""

from __future__ import annotations

import contextlib
import math
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
from filelock import FileLock, Timeout
from jinja2 import Environment, PackageLoader, select_autoescape

from engine.embedder import Embedder
from engine.model_folder import ModelUnusable
from engine.model_zoo import find_model
from engine.regions import shares
from indexer.families import Family, families
from indexer.forgetting import Unknown
from indexer.gallery import Gallery
from indexer.lock import GalleryBusy
from indexer.persons import OnePerson, Persons, everybody
from indexer.resemblance import BLOCK, PersonRow, Resemblance, Scale, neighbours, person_rows, scale
from indexer.suspects import kinds, suspects
from serve.anonymous import Masks, mosaic
from serve.report_folder import new_report
from serve.surprises import last_report, surprises
from serve.tables import write_tables

TOP_PAIRS = 24
SHOWN_SUSPECTS = 60
SHOWN_FAMILIES, SHOWN_MEMBERS = 24, 16
SOUGHT = 20
"""Neighbours of each person among whom suspects are sought, however few are shown."""
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a report is wanted.

    Attributes:
        k: nearest people a row.
        people: names of those to compare; everybody if None.
        max_rarity: leave out what is more common.
        anonymise: numbers for names, faces of a few squares, nothing about labels: to show to others.
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
        GalleryBusy: somebody was forgotten meanwhile.
    """
    folder = folder.resolve()
    with new_report(folder) as aside:
        everyone = everybody(gallery)
        strangers = sorted((wanted.people or frozenset()) - set(everyone.names))
        if strangers:
            raise Unknown(f"nobody here is called {strangers[0]!r}: niteru people lists all names")
        persons = everyone if wanted.people is None else everyone.only(wanted.people)
        _write(gallery, persons, scale(everyone), wanted, aside, last_report(folder))
        fresh = Gallery(gallery.folder)
        with contextlib.closing(fresh):
            here = {person for person, _, _ in fresh.catalog.people()}
        if not here.issuperset(persons.ids.tolist()):
            raise GalleryBusy("somebody was forgotten meanwhile: make the report again")
    return folder / "index.html"


def _write(
    gallery: Gallery, persons: Persons, measured: Scale, wanted: Wanted, folder: Path, last: dict[str, Any] | None
) -> None:
    one_person = OnePerson(persons, gallery.generation.calibration)
    with _work_folder(gallery, persons) as work:
        found = neighbours(persons, max(wanted.k, SOUGHT), work)
    rows = _rare(person_rows(gallery, persons, found.first(wanted.k), measured, one_person), wanted.max_rarity)
    said = {**_overview(gallery, persons, measured), "anonymous": wanted.anonymise}
    if wanted.anonymise:
        masks = Masks(rows)
        for face, number in masks.faces.items():
            _save_masked(gallery, face, folder / "crops" / f"{number}.jpg")
        rows = masks.masked(rows)
        pairs = _top_pairs(rows)
        write_tables(folder, rows, None, said)
        _write_page(folder, said, rows, pairs, _why(gallery, pairs, {new: old for old, new in masks.faces.items()}))
        return
    told = suspects(gallery, persons, found, measured, one_person)
    write_tables(folder, rows, told, said)
    shown, pairs = kinds(told), _top_pairs(rows)
    groups, news = _groups(persons, families(persons, found.first(wanted.k), measured)), surprises(rows, last)
    _write_page(folder, said, rows, pairs, _why(gallery, pairs), suspects=shown, families=groups, news=news)
    seen = [*(one for row in rows[:SHOWN_PEOPLE] for one in row.nearest), *pairs, *(news.risen if news else ())]
    faces = {face.id for one in seen for face in (one.face, one.other)}
    faces |= {member.face for group in groups for member in group.people}
    faces |= {face for some in shown.values() for one in some[:SHOWN_SUSPECTS] for face in one.faces}
    for face in faces:
        source = gallery.crop_file(face)
        if source.is_file():
            _made(folder / "crops").joinpath(f"{face}.jpg").write_bytes(source.read_bytes())


def _write_page(
    folder: Path,
    said: dict[str, Any],
    rows: list[PersonRow],
    pairs: list[Resemblance],
    why: dict[tuple[int, int], list[tuple[str, float]]],
    **more: Any,
) -> None:
    page = _environment().get_template("report.html")
    shown = {"rows": rows[:SHOWN_PEOPLE], "pairs": pairs, "why": why, "said": said}
    text = page.render(**shown, most=SHOWN_SUSPECTS, headings=HEADINGS, **more)
    (folder / "index.html").write_text(text, encoding="utf-8")
    shutil.copyfile(Path(__file__).parent / "templates" / "report.js", folder / "report.js")


@contextlib.contextmanager
def _work_folder(gallery: Gallery, persons: Persons) -> Iterator[Path]:
    """Where blocks are kept for a run that is interrupted: in the gallery, if there are several and it can be written.

    Raises:
        GalleryBusy: another report of so many people is being made.
    """
    with contextlib.ExitStack() as held:
        try:
            if len(persons) <= BLOCK:
                raise OSError("one block is soon done again")
            _made(gallery.work_folder)
            held.enter_context(FileLock(gallery.work_folder / "report.lock", timeout=0))
            work = gallery.work_folder / "report"
        except Timeout:
            raise GalleryBusy("another report is being made of this gallery; wait for it to end") from None
        except OSError:
            work = Path(held.enter_context(tempfile.TemporaryDirectory()))
        try:
            yield work
        except FileNotFoundError:
            raise GalleryBusy("somebody was forgotten meanwhile: make the report again") from None
        shutil.rmtree(work, ignore_errors=True)


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _save_masked(gallery: Gallery, face: int, file: Path) -> None:
    crop = gallery.crop(face)
    if crop is not None:
        _made(file.parent)
        file.write_bytes(cv2.imencode(".jpg", cv2.cvtColor(mosaic(crop), cv2.COLOR_RGB2BGR))[1].tobytes())


def rarity_in_words(rarity: float) -> str:
    """``closer than 99.97 % of pairs``; rounded down, so that it never says 100 %."""
    digits = 0 if rarity >= 0.01 else 1 if rarity >= 0.001 else 2 if rarity >= 0.0001 else 3
    share = min(math.floor((1 - rarity) * 100 * 10**digits + 1e-6) / 10**digits, 99.999)
    return f"closer than {share:.{digits}f} % of pairs"


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


def _why(
    gallery: Gallery, pairs: list[Resemblance], real: dict[int, int] | None = None
) -> dict[tuple[int, int], list[tuple[str, float]]]:
    """Which parts of the faces of each pair are alike, those that matter most first, by the numbers of the two faces.

    ``real`` are their ids in the gallery, where they have other numbers here.
    """
    try:
        embedder = Embedder(find_model(gallery.generation.model))
    except ModelUnusable:
        return {}
    said = {}
    for pair in pairs:
        ids = ((real or {}).get(face.id, face.id) for face in (pair.face, pair.other))
        one, other = (gallery.crop(face) for face in ids)
        if one is not None and other is not None:
            parts = shares(embedder, one, [other])[0]
            said[pair.face.id, pair.other.id] = sorted(parts.items(), key=lambda part: -part[1])
    return said


def _rare(rows: Iterable[PersonRow], max_rarity: float) -> list[PersonRow]:
    """Everybody, with those alone who are so rarely as alike."""
    return [replace(row, nearest=[one for one in row.nearest if one.rarity <= max_rarity]) for row in rows]


def _top_pairs(rows: list[PersonRow]) -> list[Resemblance]:
    """The most alike pairs, each once; those who may be one person are told elsewhere."""
    pairs: dict[frozenset[str], Resemblance] = {}
    for row in rows:
        for found in row.nearest:
            if not found.same_person:
                pairs.setdefault(frozenset((found.person, found.other_person)), found)
    return sorted(pairs.values(), key=lambda found: -found.similarity)[:TOP_PAIRS]

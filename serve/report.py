"""The offline report: who looks like whom, as a folder that opens without a server."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
from filelock import FileLock, Timeout

from engine.embedder import Embedder
from engine.model_folder import ModelUnusable
from engine.model_zoo import find_model
from engine.regions import shares
from indexer.families import families
from indexer.forgetting import Unknown
from indexer.gallery import Gallery
from indexer.lock import GalleryBusy
from indexer.persons import OnePerson, Persons, everybody
from indexer.resemblance import BLOCK, Scale, neighbours, person_rows, scale
from indexer.suspects import kinds, suspects
from serve.anonymous import Masks, mosaic
from serve.report_folder import new_report
from serve.report_page import SHOWN_PEOPLE, Page, Why, groups, top_pairs
from serve.surprises import last_report, surprises
from serve.tables import write_tables

SOUGHT = 20
"""Neighbours of each person among whom suspects are sought, however few are shown."""


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
        _write(gallery, everyone, persons, wanted, aside, last_report(folder))
        fresh = Gallery(gallery.folder)
        with contextlib.closing(fresh):
            here = fresh.catalog.person_of_faces()
        if not here.keys() >= set(persons.face_ids.tolist()):
            raise GalleryBusy("photos were removed meanwhile: make the report again")
    return folder / "index.html"


def _write(
    gallery: Gallery, everyone: Persons, persons: Persons, wanted: Wanted, folder: Path, last: dict[str, Any] | None
) -> None:
    measured, one_person = scale(everyone), OnePerson(everyone, gallery.generation.calibration)
    with _work_folder(gallery, persons) as work:
        found = neighbours(persons, max(wanted.k, SOUGHT), work)
    shown = found.first(wanted.k)
    rows = [
        replace(row, nearest=[one for one in row.nearest if one.rarity <= wanted.max_rarity])
        for row in person_rows(gallery, persons, shown, measured, one_person)
    ]
    said = {**_overview(gallery, persons, measured), "anonymous": wanted.anonymise}
    if wanted.anonymise:
        masks = Masks(rows)
        pairs = [masks.pair(found) for found in top_pairs(rows)]
        rows = masks.masked(rows)
        write_tables(folder, rows, None, said)
        page, real = Page(rows[:SHOWN_PEOPLE], pairs), masks.real
    else:
        said["asked"] = {"k": wanted.k, "people": sorted(wanted.people or ()), "max_rarity": wanted.max_rarity}
        told = suspects(gallery, persons, found, measured, one_person)
        write_tables(folder, rows, told, said)
        alike = groups(persons, families(persons, shown, measured))
        page = Page(rows[:SHOWN_PEOPLE], top_pairs(rows), kinds(told), alike, surprises(rows, last, said["asked"]))
        real = {face: face for face in page.faces()}
    page.write(folder, said, _why(gallery, page, real))
    _save_faces(gallery, {face: real[face] for face in page.faces()}, folder / "crops", masked=wanted.anonymise)


@contextlib.contextmanager
def _work_folder(gallery: Gallery, persons: Persons) -> Iterator[Path]:
    """Where blocks are kept for a run that is interrupted: in the gallery, if there are several and it can be written.

    Raises:
        GalleryBusy: another report of so many people is being made.
    """
    with contextlib.ExitStack() as held:
        work = Path(held.enter_context(tempfile.TemporaryDirectory()))
        if len(persons) > BLOCK:  # a single block is soon done again
            with contextlib.suppress(OSError):  # of a gallery that can only be read
                work = _kept_work(gallery, held)
        try:
            yield work
        except FileNotFoundError:
            raise GalleryBusy("somebody was forgotten meanwhile: make the report again") from None
        shutil.rmtree(work, ignore_errors=True)


def _kept_work(gallery: Gallery, held: contextlib.ExitStack) -> Path:
    gallery.work_folder.mkdir(exist_ok=True)
    try:
        held.enter_context(FileLock(gallery.work_folder / "report.lock", timeout=0))
    except Timeout:
        raise GalleryBusy("another report is being made of this gallery; wait for it to end") from None
    return gallery.work_folder / "report"


def _save_faces(gallery: Gallery, faces: dict[int, int], folder: Path, *, masked: bool) -> None:
    """Save faces under their numbers in the report; ``faces`` has their ids in the gallery by number."""
    folder.mkdir()
    for number, face in faces.items():
        crop = gallery.crop(face) if masked else None
        if crop is not None:
            cv2.imwrite(str(folder / f"{number}.jpg"), cv2.cvtColor(mosaic(crop), cv2.COLOR_RGB2BGR))
        elif not masked and gallery.crop_file(face).is_file():
            shutil.copyfile(gallery.crop_file(face), folder / f"{number}.jpg")


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


def _why(gallery: Gallery, page: Page, real: dict[int, int]) -> Why:
    """Which parts of the faces of the most alike pairs are alike; nothing where their model is not here."""
    if not page.pairs:
        return {}
    try:
        embedder = Embedder(find_model(gallery.generation.model))
    except ModelUnusable:
        return {}
    said: Why = {}
    for pair in page.pairs:
        one, other = (gallery.crop(real[face.id]) for face in (pair.face, pair.other))
        if one is not None and other is not None:
            parts = shares(embedder, one, [other])[0]
            said[pair.face.id, pair.other.id] = sorted(parts.items(), key=lambda part: -part[1])
    return said

"""The offline report: who looks like whom, as a folder that opens without a server."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from filelock import FileLock, Timeout

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.embedding.regions import shares
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.engine.work.cluster import bulk, has_cluster
from niteru.indexer.ask.families import families
from niteru.indexer.ask.map_of_people import MapUnavailable
from niteru.indexer.ask.neighbours import BLOCK, Neighbours, neighbours
from niteru.indexer.ask.not_found import PersonNotFound
from niteru.indexer.ask.persons import Persons, everybody, everybody_then
from niteru.indexer.ask.resemblance import Scale, person_rows, scale
from niteru.indexer.ask.same_person_band import SamePersonBand
from niteru.indexer.ask.suspects import kinds, suspects
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.address import GalleryBusy
from niteru.indexer.storage.reports import new_report, remember_report, withdraw_report
from niteru.serve.report.anonymous import Masks, mosaic
from niteru.serve.report.face_map import FaceMap, draw_map
from niteru.serve.report.page import SHOWN_PEOPLE, Page, Why, groups, top_pairs
from niteru.serve.report.surprises import Before, Pair, last_report, pair_of, surprises
from niteru.serve.report.tables import write_tables

log = logging.getLogger("niteru.report")
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
        since: number of a generation to tell what is new since; since the last report in the folder if None.
    """

    k: int = 5
    people: frozenset[str] | None = None
    max_rarity: float = 1.0
    anonymise: bool = False
    since: int | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """What decides which resemblances a report tells: only reports alike in this can be compared."""
        return {"k": self.k, "people": sorted(self.people or ()), "max_rarity": self.max_rarity}


def write_report(gallery: Gallery, folder: Path, wanted: Wanted = Wanted()) -> Path:
    """Write the page with the faces it shows, and its tables.

    Args:
        gallery: with a published generation.
        folder: where the report goes; an older report there is replaced.
        wanted: what of it.

    Returns:
        The path of the page.

    Raises:
        GenerationUnusable: nothing is published, or not the generation that it is to be compared with.
        FileExistsError: the folder holds something else than a report.
        PersonNotFound: a person who is wanted is not here.
        GalleryBusy: somebody was forgotten meanwhile.
    """
    folder = folder.resolve()
    with new_report(folder) as aside:
        remember_report(gallery.folder, folder)
        everyone = everybody(gallery)
        strangers = sorted((wanted.people or frozenset()) - set(everyone.names))
        if strangers:
            raise PersonNotFound(f"nobody here is called {strangers[0]!r}: niteru people lists all names")
        _write(gallery, everyone, wanted, aside, folder)
        _check_all_are_there(gallery, everyone)
    try:
        _check_all_are_there(gallery, everyone)
    except GalleryBusy:
        withdraw_report(folder)
        raise
    return folder / "index.html"


def _check_all_are_there(gallery: Gallery, everyone: Persons) -> None:
    """That nobody was forgotten while the report was made."""
    with contextlib.closing(Gallery(gallery.backend)) as fresh:
        if not fresh.catalog.queries.person_of_faces().keys() >= set(everyone.face_ids.tolist()):
            raise GalleryBusy("photos were removed meanwhile: make the report again")


def _before(gallery: Gallery, wanted: Wanted, folder: Path) -> Before | None:
    """What the report is compared with: a generation, or the last report in its folder."""
    if wanted.anonymise:
        return None
    if wanted.since is None:
        return last_report(folder, wanted.asked)
    then = everybody_then(gallery, wanted.since)
    measured, persons = scale(then), then if wanted.people is None else then.only(wanted.people)
    with tempfile.TemporaryDirectory() as work:
        found = neighbours(persons, wanted.k, Path(work))
    told = {
        pair_of(persons.names[row], persons.names[other]): measured.rarity(score)
        for row in range(len(persons))
        for score, other in zip(*found.of(row), strict=True)
    }
    return Before(f"generation {wanted.since}", frozenset(persons.names), told, _rarity_in(persons, measured))


def _rarity_in(persons: Persons, measured: Scale) -> Callable[[Pair], float]:
    """How rare the resemblance of any two is."""
    rows = {name: row for row, name in enumerate(persons.names)}

    def rarity(pair: Pair) -> float:
        one, other = (np.array([rows[name]]) for name in pair)
        return measured.rarity(float(persons.score(one, other)[0]))

    return rarity


def _write(gallery: Gallery, everyone: Persons, wanted: Wanted, folder: Path, last: Path) -> None:
    before = _before(gallery, wanted, last)
    persons = everyone if wanted.people is None else everyone.only(wanted.people)
    measured, band = scale(everyone), SamePersonBand(everyone, gallery.generation.calibration)
    with _work_folder(gallery, persons) as work, _workers(work, persons) as executor:
        found = neighbours(persons, max(wanted.k, SOUGHT), work, executor)
    shown = found.first(wanted.k)
    rows = [
        replace(row, nearest=[one for one in row.nearest if one.rarity <= wanted.max_rarity])
        for row in person_rows(gallery, persons, shown, measured, band)
    ]
    said = {**_overview(gallery, persons, measured, found), "anonymous": wanted.anonymise}
    pairs, mutual = top_pairs(rows)
    if wanted.anonymise:
        masks = Masks(rows)
        pairs, mutual = ([masks.pair(found) for found in some] for some in (pairs, mutual))
        rows = masks.masked(rows)
        write_tables(folder, rows, None, said)
        page, real = Page(rows[:SHOWN_PEOPLE], pairs, mutual), masks.real
    else:
        said["asked"] = wanted.asked
        told = suspects(gallery, everyone, persons, found, measured, band)
        write_tables(folder, rows, told, said)
        page = Page(
            rows[:SHOWN_PEOPLE],
            pairs,
            mutual,
            kinds(told),
            groups(persons, families(persons, shown, measured)),
            surprises(rows, before, _rarity_in(persons, measured)) if before else None,
            _map(gallery, persons, found, folder),
        )
        real = {face: face for face in page.faces()}
    page.write(folder, said, _why(gallery, page, real))
    _save_faces(gallery, {face: real[face] for face in page.faces()}, folder / "crops", masked=wanted.anonymise)


def _map(gallery: Gallery, persons: Persons, found: Neighbours, folder: Path) -> FaceMap | None:
    try:
        return draw_map(gallery, persons, found, folder)
    except MapUnavailable as error:
        log.info("%s", error)
        return None


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


@contextlib.contextmanager
def _workers(work: Path, persons: Persons) -> Iterator[Executor | None]:
    """A cluster, if there is one and several blocks to compare; its workers must see the gallery's folder."""
    if not has_cluster() or len(persons) <= BLOCK:
        yield None
        return
    work.mkdir(parents=True, exist_ok=True)
    probe = work / "here"
    probe.touch()
    with bulk(files=(probe,)) as workers:
        yield workers.executor


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
        file = folder / f"{number}.jpg"
        if masked:
            crop = gallery.crop(face)
            if crop is not None:
                cv2.imwrite(str(file), cv2.cvtColor(mosaic(crop), cv2.COLOR_RGB2BGR))
        elif data := gallery.crops.data(face):
            file.write_bytes(data)


def _overview(gallery: Gallery, persons: Persons, measured: Scale, found: Neighbours) -> dict[str, Any]:
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
        "recall": round(found.recall, 4),
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

"""Offline report: who looks like whom, as a folder that opens without a server."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.embedding.regions import hidden_in_turn, shares_between
from niteru.engine.networks.model_folder import ModelUnusable
from niteru.indexer.ask.catalogued import Catalogued
from niteru.indexer.ask.families import families
from niteru.indexer.ask.map_of_people import MapUnavailable
from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.not_found import PersonNotFound
from niteru.indexer.ask.persons import Persons, everybody
from niteru.indexer.ask.portraits import best_face
from niteru.indexer.ask.relatives import Relatives
from niteru.indexer.ask.resemblance import PersonRows, Scale, scale
from niteru.indexer.ask.same_person_band import SamePersonBand
from niteru.indexer.ask.suspects import kinds, suspects
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.lives import Lives
from niteru.indexer.storage.address import GalleryBusy
from niteru.indexer.storage.report_folder import new_report, withdraw_report
from niteru.serve.report.anonymous import Masks
from niteru.serve.report.earlier import last_report, older_generation, rarity_of_pairs
from niteru.serve.report.face_map import FaceMap, draw_map
from niteru.serve.report.feed import write_feeds
from niteru.serve.report.nearest import nearest_people
from niteru.serve.report.news import as_dicts, with_told
from niteru.serve.report.page import SHOWN_PEOPLE, Page, Why, family_pairs, groups, sought, top_pairs
from niteru.serve.report.pictures import FOLDER, MOST_CUT, Pictures, save_faces, save_mosaics
from niteru.serve.report.surprises import surprises
from niteru.serve.report.tables import Whole, write_tables

log = logging.getLogger("niteru.report")
SOUGHT = 20
"""Nearest people of each person among whom suspects are sought, however few are shown."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Options of a report.

    Attributes:
        k: nearest people per row.
        people: names of the people to compare; everybody if None.
        max_rarity: leave out resemblances that are more common.
        anonymise: replace names by numbers and faces by mosaics, and leave out suspects: for showing to others.
        since: number of the generation since which to list news; since the last report in the folder if None.
        where: conditions that the people to compare meet, see :mod:`niteru.indexer.generations.where`.
    """

    k: int = 5
    people: frozenset[str] | None = None
    max_rarity: float = 1.0
    anonymise: bool = False
    since: int | None = None
    where: tuple[str, ...] = ()

    @property
    def asked(self) -> dict[str, Any]:
        """Options that decide which resemblances are listed: only reports with the same ones can be compared."""
        asked = {"k": self.k, "people": sorted(self.people or ()), "max_rarity": self.max_rarity}
        return {**asked, "where": list(self.where)} if self.where else asked


def write_report(gallery: Gallery, folder: Path, wanted: Wanted = Wanted()) -> Path:
    """Write the page with the faces it shows, and its tables.

    Args:
        gallery: with a published generation.
        folder: destination; an older report there is replaced.
        wanted: options.

    Returns:
        The path of the page.

    Raises:
        GenerationUnusable: nothing is published, or the generation to compare with is not kept.
        FileExistsError: the folder holds something other than a report.
        PersonNotFound: one of the people to compare is not in the gallery, or nobody meets the conditions.
        BadCondition: one of the conditions names no column, or a range that is none.
        GalleryBusy: a person was forgotten meanwhile.
    """
    folder, origin = folder.resolve(), gallery.origin
    with new_report(folder, origin) as aside:
        gallery.reports.remember(folder, origin)
        everyone = everybody(gallery)
        _write(gallery, everyone, wanted, _compared(gallery, everyone, wanted), aside, folder)
        _check_all_are_there(gallery, everyone)
    try:
        _check_all_are_there(gallery, everyone)
    except GalleryBusy:
        withdraw_report(folder)
        raise
    return folder / "index.html"


def _compared(gallery: Gallery, everyone: Persons, wanted: Wanted) -> frozenset[str] | None:
    """Names of the people to compare; None for everybody.

    Raises:
        PersonNotFound, BadCondition: see :func:`write_report`.
    """
    unknown = sorted((wanted.people or frozenset()) - set(everyone.names))
    if unknown:
        raise PersonNotFound(f"there is nobody called {unknown[0]!r}: niteru people lists all names")
    if not wanted.where:
        return wanted.people
    passing = np.isin(everyone.ids, gallery.generation.columns.passing(wanted.where))
    names = frozenset(name for name, passes in zip(everyone.names, passing, strict=True) if passes)
    names &= names if wanted.people is None else wanted.people
    if not names:
        raise PersonNotFound("nobody meets all of the conditions: niteru people shows what is said of everybody")
    return names


def _check_all_are_there(gallery: Gallery, everyone: Persons) -> None:
    """Refuse a report during which somebody was forgotten."""
    with contextlib.closing(Gallery(gallery.backend)) as fresh:
        if not fresh.catalog.queries.person_of_faces().keys() >= set(everyone.face_ids.tolist()):
            raise GalleryBusy("photos were removed from the gallery meanwhile: make the report again")


def _write(
    gallery: Gallery, everyone: Persons, wanted: Wanted, people: frozenset[str] | None, folder: Path, last: Path
) -> None:
    """Compare people, or everybody, and write the report to ``folder``; ``last`` may have the report before."""
    persons = everyone if people is None else everyone.only(people)
    measured = scale(everyone)
    # Who is whose relative is from a table, and an anonymous report says nothing of that.
    relatives = Relatives(persons, Lives({}) if wanted.anonymise else gallery.generation.columns.lives)
    everything = nearest_people(gallery, persons, max(wanted.k, SOUGHT) + relatives.most)
    found, shown = everything.first(max(wanted.k, SOUGHT)), relatives.left_out_of(everything).first(wanted.k)
    known = Catalogued(gallery, persons)
    rows = PersonRows(gallery, known, shown, measured, relatives, wanted.max_rarity)
    overview = {**_overview(gallery, persons, measured, found), "anonymous": wanted.anonymise}
    if wanted.anonymise:
        _write_anonymous(gallery, rows, overview, folder)
        return
    before = last_report(last, wanted.asked, gallery.origin)
    earlier = before if wanted.since is None else older_generation(gallery, wanted.since, people, wanted.k)
    news = surprises(rows, earlier, rarity_of_pairs(persons, measured)) if earlier else None
    told = with_told(news.items(overview["date"]) if news else [], before.told if before else [], set(persons.names))
    overview |= {"asked": wanted.asked, "news": as_dicts(told)}
    suspicious = suspects(
        gallery, everyone, known, found, measured, SamePersonBand(everyone, gallery.generation.calibration)
    )
    alike, face_map = families(persons, found.first(wanted.k), measured), _map(gallery, persons, found, folder)
    by_name = [[persons.names[row] for row in family.people] for family in alike]
    write_tables(folder, rows, rows.columns, Whole(suspicious, by_name, face_map), overview)
    write_feeds(folder, told, overview["date"], f"{gallery.origin.gallery} {json.dumps(wanted.asked)}")
    portraits = _portraits(gallery, persons)
    page = Page(
        list(islice(rows, SHOWN_PEOPLE)),
        *top_pairs(rows),
        portraits,
        kinds(suspicious),
        groups(persons, alike, portraits),
        news,
        face_map,
        family_pairs(rows),
        [sought(persons.names[row], rows.said(row)) for row in range(SHOWN_PEOPLE, len(persons))],
    )
    large = {face.id for pair in page.large_pairs() for face in (pair.face, pair.other)}
    pictures = save_faces(gallery, page.faces(), large, folder / FOLDER)
    page.write(folder, overview, _why(gallery, page, lambda face: face), pictures)


def _write_anonymous(gallery: Gallery, rows: PersonRows, overview: dict[str, Any], folder: Path) -> None:
    """Write a report to show to others: without news, labels to check, families and map."""
    masks = Masks(rows)
    pairs, mutual = ([masks.pair(one) for one in some] for some in top_pairs(rows))
    write_tables(folder, masks, [], None, overview)
    shown = list(islice(masks, SHOWN_PEOPLE))
    portraits = {row.person: row.nearest[0].face.id for row in shown if row.nearest}
    page = Page(shown, pairs, mutual, portraits, rowless=masks.names[SHOWN_PEOPLE:])
    save_mosaics(gallery, {face: masks.real[face] for face in page.faces()}, folder / FOLDER)
    page.write(folder, overview, _why(gallery, page, masks.real.__getitem__), Pictures())


def _portraits(gallery: Gallery, persons: Persons) -> dict[str, int]:
    """The face that shows each person who has a row, by name: the best, or of very many people a typical one."""
    portraits = {}
    for row in range(min(len(persons), SHOWN_PEOPLE)):
        name = persons.names[row]
        best = best_face(gallery, name) if row < MOST_CUT else None
        portraits[name] = best.id if best else int(persons.face_ids[persons.portrait(row)])
    return portraits


def _map(gallery: Gallery, persons: Persons, found: Neighbours, folder: Path) -> FaceMap | None:
    try:
        return draw_map(gallery, persons, found, folder)
    except MapUnavailable as error:
        log.info("%s", error)
        return None


def _overview(gallery: Gallery, persons: Persons, measured: Scale, found: Neighbours) -> dict[str, Any]:
    """Facts about the report as a whole, for ``report.json`` and the head of the page."""
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


def _why(gallery: Gallery, page: Page, real: Callable[[int], int]) -> Why:
    """Shares of the parts of the face in the most alike pairs and the new ones; empty where the model is missing.

    Args:
        gallery: that has the faces.
        page: with the pairs.
        real: id of a face in the gallery by its number on the page.
    """
    pairs = [*page.pairs, *(one.found for one in (page.news.risen if page.news else []))]
    if not pairs:
        return {}
    try:
        embedder = Embedder(find_model(gallery.generation.model))
    except ModelUnusable:
        return {}
    seen: dict[int, Vectors | None] = {}  # by the number on the page; who is much like others comes again
    why: Why = {}
    for pair in {(pair.face.id, pair.other.id): None for pair in pairs}:
        for face in pair:
            if face not in seen:
                crop = gallery.crop(real(face))
                seen[face] = None if crop is None else hidden_in_turn(embedder, crop)
        one, other = (seen[face] for face in pair)
        if one is not None and other is not None:
            why[pair] = shares_between(one, other)
    return why

"""Earlier state that a report is compared with: the last report in its folder, or an older generation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from niteru.indexer.ask.neighbours import neighbours
from niteru.indexer.ask.persons import Persons, everybody_then
from niteru.indexer.ask.resemblance import Scale, scale
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.report_folder import Origin, origin_of
from niteru.serve.report.news import Item
from niteru.serve.report.report_json import NAME, ReadReport

Pair = frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """How alike people were earlier.

    Attributes:
        since: the date of the last report, as ``2026-11-30``, or the number of the older generation.
        people: names of the people who were compared.
        listed: rarity of the resemblances that were listed, by the two names.
        unlisted: rarity that the resemblance of any other two had at least.
        told: news that the last report's feed had.
    """

    since: str | int
    people: frozenset[str]
    listed: dict[Pair, float]
    unlisted: Callable[[Pair], float]
    told: list[Item] = field(default_factory=list)

    def rarity(self, pair: Pair) -> float:
        """Rarity of the resemblance of two people; a lower bound if it was not listed."""
        return self.listed[pair] if pair in self.listed else self.unlisted(pair)


def pair_of(one: str, other: str) -> Pair:
    """Two names, in no order."""
    return frozenset((one, other))


def last_report(folder: Path, options: dict[str, Any], origin: Origin) -> Earlier | None:
    """Read the report in a folder; None if there is none that was made of this gallery with the same options.

    One from before somebody was forgotten is none either: what is new since then could name them.
    """
    if origin_of(folder) != origin:
        return None
    report, listed, bounds = ReadReport(folder / NAME), dict[Pair, float](), dict[str, float]()
    try:
        for row in report.people():
            rarities = [float(found["rarity"]) for found in row["nearest"]]
            listed |= {
                pair_of(row["person"], found["other_person"]): rarity
                for found, rarity in zip(row["nearest"], rarities, strict=True)
            }
            # Whoever is not in a full list is as common as its last, or more.
            bounds[row["person"]] = rarities[-1] if len(rarities) == options["k"] else options["max_rarity"]
        rest = report.rest()
        if rest["version"] != 1 or rest["anonymous"] or rest.get("asked") != options:
            return None
        return Earlier(
            str(rest["date"]),
            frozenset(bounds),
            listed,
            lambda pair: max((bounds[name] for name in pair if name in bounds), default=1.0),
            [Item(**item) for item in rest.get("news", [])],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def older_generation(gallery: Gallery, number: int, names: frozenset[str] | None, k: int) -> Earlier:
    """Compare the people of an older generation.

    Args:
        gallery: that keeps the generation.
        number: of the generation.
        names: people to compare; everybody if None.
        k: nearest people to list for each.

    Raises:
        GenerationUnusable: the generation is not kept, or damaged.
    """
    everyone = everybody_then(gallery, number)
    measured, persons = scale(everyone), everyone if names is None else everyone.only(names)
    with gallery.passing_folder() as work:
        found = neighbours(persons, k, work)
    listed = {
        pair_of(persons.names[row], persons.names[other]): measured.rarity(score)
        for row in range(len(persons))
        for score, other in zip(*found.of(row), strict=True)
    }
    return Earlier(number, frozenset(persons.names), listed, rarity_of_pairs(persons, measured))


def rarity_of_pairs(persons: Persons, measured: Scale) -> Callable[[Pair], float]:
    """Function that gives the rarity of the resemblance of any two people."""
    rows = {name: row for row, name in enumerate(persons.names)}

    def rarity(pair: Pair) -> float:
        one, other = (np.array([rows[name]]) for name in pair)
        return measured.rarity(float(persons.score(one, other)[0]))

    return rarity

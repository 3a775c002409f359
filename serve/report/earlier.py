"""Earlier state that a report is compared with: the last report in its folder, or an older generation."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from niteru.indexer.ask.neighbours import neighbours
from niteru.indexer.ask.persons import Persons, everybody_then
from niteru.indexer.ask.resemblance import Scale, scale
from niteru.indexer.gallery import Gallery

Pair = frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """How alike people were earlier.

    Attributes:
        when: the time, in words.
        people: names of the people who were compared.
        listed: rarity of the resemblances that were listed, by the two names.
        unlisted: rarity that the resemblance of any other two had at least.
    """

    when: str
    people: frozenset[str]
    listed: dict[Pair, float]
    unlisted: Callable[[Pair], float]

    def rarity(self, pair: Pair) -> float:
        """Rarity of the resemblance of two people; a lower bound if it was not listed."""
        return self.listed[pair] if pair in self.listed else self.unlisted(pair)


def pair_of(one: str, other: str) -> Pair:
    """Two names, in no order."""
    return frozenset((one, other))


def last_report(folder: Path, options: dict[str, Any]) -> Earlier | None:
    """Read the report in a folder; None if there is none, or one that was made with other options."""
    try:
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        if report["version"] != 1 or report["anonymous"] or report.get("asked") != options:
            return None
        listed, bounds = dict[Pair, float](), dict[str, float]()
        for row in report["people"]:
            rarities = [float(found["rarity"]) for found in row["nearest"]]
            listed |= {
                pair_of(row["person"], found["other_person"]): rarity
                for found, rarity in zip(row["nearest"], rarities, strict=True)
            }
            # Whoever is not in a full list is as common as its last, or more.
            bounds[row["person"]] = rarities[-1] if len(rarities) == options["k"] else options["max_rarity"]
        return Earlier(
            f"the report of {report['date']}",
            frozenset(bounds),
            listed,
            lambda pair: max((bounds[name] for name in pair if name in bounds), default=1.0),
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
    return Earlier(f"generation {number}", frozenset(persons.names), listed, rarity_of_pairs(persons, measured))


def rarity_of_pairs(persons: Persons, measured: Scale) -> Callable[[Pair], float]:
    """Function that gives the rarity of the resemblance of any two people."""
    rows = {name: row for row, name in enumerate(persons.names)}

    def rarity(pair: Pair) -> float:
        one, other = (np.array([rows[name]]) for name in pair)
        return measured.rarity(float(persons.score(one, other)[0]))

    return rarity

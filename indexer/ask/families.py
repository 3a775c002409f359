"""Families of resemblance: groups of people who look like one another more than like the others.

Communities of the graph of everybody's nearest people, by the method of Louvain (Blondel et al., 2008,
https://arxiv.org/abs/0803.0476) as networkx has it. An edge is as heavy as a resemblance is rare.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import networkx
import numpy as np

from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import DAMPING, Persons
from niteru.indexer.ask.resemblance import Scale

LEAST_PEOPLE = 3
RESOLUTION = 2.0
"""Above 1: rather small families than large ones, in which nobody looks like the one at the other end."""
COMMON = 0.01
"""What so many pairs of people reach is no resemblance."""


@dataclass(frozen=True, slots=True)
class Family:
    """Rows of people, the most typical first, and how alike two of them are on average (a score)."""

    people: list[int]
    closeness: float


def families(persons: Persons, found: Neighbours, measured: Scale) -> list[Family]:
    """Groups of three people or more, the closest first; most people are in none."""
    graph = networkx.Graph()
    for one in range(len(persons)):
        for score, other in zip(*found.of(one), strict=True):
            rarity = measured.rarity(score)
            if rarity <= COMMON:
                graph.add_edge(one, other, weight=-math.log(rarity))
    groups = networkx.community.louvain_communities(graph, resolution=RESOLUTION, seed=0)
    made = [_family(persons, sorted(group)) for group in groups if len(group) >= LEAST_PEOPLE]
    return sorted(made, key=lambda family: (-family.closeness, family.people))


def _family(persons: Persons, group: list[int]) -> Family:
    rows = np.array(group)
    vectors = persons.vectors[rows]
    middle = vectors.mean(axis=0)
    typical = np.argsort(-(vectors @ middle), kind="stable")
    number, together = len(rows), vectors.sum(axis=0)
    # The mean cosine of all pairs, without a row for each.
    cosine = (float(together @ together) - number) / (number * (number - 1))
    return Family(rows[typical].tolist(), cosine - 2 * DAMPING * float(persons.hubness[rows].mean()))

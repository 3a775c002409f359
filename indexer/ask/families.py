"""Families of resemblance: groups of people who look more like one another than like everybody else.

They are communities in the graph of everybody's nearest people, found by the method of Louvain (Blondel et al., 2008,
https://arxiv.org/abs/0803.0476) in networkx. The rarer a resemblance, the heavier its edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from niteru.indexer.ask.neighbours import Neighbours
from niteru.indexer.ask.persons import DAMPING, Persons
from niteru.indexer.ask.rarity_in_words import COMMON
from niteru.indexer.ask.resemblance import Scale

LEAST_PEOPLE = 3
MOST = 100_000
"""Resemblances that are looked at, the rarest: among very many people nearly everybody is rarely like somebody."""
RESOLUTION = 2.0
"""Above 1 it favours small families over large ones, whose people at opposite ends look nothing like one another."""


@dataclass(frozen=True, slots=True)
class Family:
    """Rows of people, the most typical first, and the mean score of two of them."""

    people: list[int]
    closeness: float


def families(persons: Persons, found: Neighbours, measured: Scale) -> list[Family]:
    """Find groups of three people or more, the closest first; most people are in none."""
    import networkx  # a service that is asked for no report does without its ten megabytes

    graph = networkx.Graph()
    rarities = measured.rarities(found.scores)
    near = (found.rows >= 0) & (rarities <= COMMON)
    if np.count_nonzero(near) > MOST:
        near &= found.scores >= np.partition(found.scores[near], -MOST)[-MOST]
    for one, rank in np.argwhere(near).tolist():
        graph.add_edge(one, int(found.rows[one, rank]), weight=-math.log(rarities[one, rank]))
    groups = networkx.community.louvain_communities(graph, resolution=RESOLUTION, seed=0)
    made = [_family(persons, sorted(group)) for group in groups if len(group) >= LEAST_PEOPLE]
    return sorted(made, key=lambda family: (-family.closeness, family.people))


def _family(persons: Persons, group: list[int]) -> Family:
    rows = np.array(group)
    vectors = persons.vectors[rows]
    middle = vectors.mean(axis=0)
    typical = np.argsort(-(vectors @ middle), kind="stable")
    number, together = len(rows), vectors.sum(axis=0)
    # Mean cosine of all pairs, without forming them.
    cosine = (float(together @ together) - number) / (number * (number - 1))
    return Family(rows[typical].tolist(), cosine - 2 * DAMPING * float(persons.hubness[rows].mean()))

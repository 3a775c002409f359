"""Many pairs of people at once, by their rows: the faces that show each, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from niteru.indexer.ask.how_sure import variance_of_one
from niteru.indexer.ask.persons import Persons

_FACES = 65_536
"""Faces of the pairs of one block: memory for some hundred bytes each, and their vectors twice."""
Rows = NDArray[np.int64]
Spreads = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BestFaces:
    """The two most similar faces of each pair of people.

    Attributes:
        mine, theirs: rows of the faces of the first and of the second person, int64 (m,).
        cosines: float32 (m,).
    """

    mine: Rows
    theirs: Rows
    cosines: NDArray[np.float32]


def best_faces(persons: Persons, one: Rows, other: Rows) -> BestFaces:
    """Choose the faces that show each pair; those with the same first person stand together, and are compared once."""
    mine, theirs, cosines = persons.starts[one], persons.starts[other], np.empty(len(one), np.float32)
    bounds = np.flatnonzero(np.diff(one, prepend=-1, append=-1))
    for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        own, others = persons.rows(int(one[first])), other[first:end]
        columns, starts = rows_of(persons.starts, others)
        alike = persons.faces[own] @ persons.faces[columns].T
        best = alike.max(axis=0)
        highest = np.maximum.reduceat(best, starts)
        cosines[first:end] = highest
        if len(columns) > len(others) or len(alike) > 1:
            places = np.flatnonzero(best == np.repeat(highest, persons.counts[others]))
            places = places[np.searchsorted(places, starts)]  # the first of equals
            mine[first:end] += alike[:, places].argmax(axis=0)
            theirs[first:end] = columns[places]
    return BestFaces(mine, theirs, cosines)


def variances(persons: Persons, one: Rows, other: Rows, usual: tuple[Spreads, Spreads]) -> NDArray[np.float64]:
    """Variance of the similarity of each pair of people, of the photos of both, float64 (m,).

    Args:
        persons: the people.
        one: row of the first of each pair, int64 (m,).
        other: of the second, int64 (m,).
        usual: the model's spread for photos like those that show the first and the second, float64 (m,).
    """
    return _of_side(persons, one, other, usual[0]) + _of_side(persons, other, one, usual[1])


def _of_side(persons: Persons, own: Rows, other: Rows, usual: Spreads) -> NDArray[np.float64]:
    """What one side's photos bring into it, as :func:`niteru.indexer.ask.persons.variance_of_side` has it."""
    different = np.flatnonzero(persons.different)
    starts = np.searchsorted(different, persons.starts)
    # A mean of unit vectors is shorter than they are; scaled to their length its similarities grow.
    lengths = np.add.reduceat(persons.to_own[different], starts[:-1]) / np.diff(starts)
    photos, squares = np.diff(starts)[own], np.zeros(len(own))
    several = np.flatnonzero(photos > 1)  # a single photo deviates from nothing
    for some in np.split(several, np.flatnonzero(np.diff(np.cumsum(photos[several]) // _FACES)) + 1):
        if len(some):
            faces, bounds = rows_of(starts, own[some])
            people = np.repeat(np.arange(len(some)), photos[some])
            alike = np.einsum("ij,ij->i", persons.faces[different[faces]], persons.vectors[other[some]][people])
            alike /= lengths[own[some]][people]
            middle = np.add.reduceat(alike, bounds) / photos[some].astype(np.float32)
            squares[some] = np.add.reduceat((alike - middle[people]) ** 2, bounds)
    return variance_of_one(squares, photos, usual) / photos


def rows_of(starts: Rows, chosen: Rows) -> tuple[Rows, Rows]:
    """Rows of the faces of some people, one after the other, and where each one's begin among them."""
    counts = starts[chosen + 1] - starts[chosen]
    begins = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(starts[chosen] - begins, counts), begins

"""Groups that come about a tenth of the photos at a time, compared with those of one run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.grouping import group_faces
from niteru.indexer.naming.regrouping import GROWTH

PARTS, ORDERS = 10, 3
Groups = NDArray[np.int64]
EXAMPLES = """\b
Examples:
  python -m bench.grouping_steps photos/ lfw/
  python -m bench.grouping_steps photos/ --json
"""


@dataclass(frozen=True, slots=True)
class Steps:
    """One set in one order.

    Attributes:
        set, order: which.
        elsewhere: share of the faces that end in another group than in one run.
        moved: share of the faces there before that a step puts into another group, at most.
        always, never: shares that end elsewhere, and are moved by a step at most, if every step groups all faces anew,
            or none does.
        precision, f1: B-cubed, at the end.
    """

    set: str
    order: int
    elsewhere: float
    moved: float
    always: tuple[float, float]
    never: tuple[float, float]
    precision: float
    f1: float


def elsewhere(groups: Groups, others: Groups) -> float:
    """Share of the faces that are in other groups, by the best one-to-one matching of both.

    Example:
        >>> elsewhere(np.array([0, 0, 0, 3]), np.array([7, 7, 9, 3]))
        0.25
    """
    from scipy.optimize import linear_sum_assignment

    one, other = (np.unique(labels, return_inverse=True)[1] for labels in (groups, others))
    shared = np.zeros((one.max() + 1, other.max() + 1), np.int32)
    np.add.at(shared, (one, other), 1)
    return float(1 - shared[linear_sum_assignment(shared, maximize=True)].sum() / len(groups))


def in_steps(
    vectors: Vectors, model: Mapping[str, float], order: NDArray[np.int64], parts: int, growth: float = GROWTH
) -> tuple[Groups, list[float]]:
    """Group a part more of the faces at each step.

    Args:
        vectors: unit vectors, float32 (n, dimension).
        model: calibration of their model.
        order: rows in the order in which they come.
        parts: how many times faces come.
        growth: how many times as many faces make all groups anew, see :mod:`niteru.indexer.naming.regrouping`.

    Returns:
        The groups at the end, and the shares of the faces so far that each step moved.
    """
    groups, moved, there, grouped = np.full(len(vectors), -1), list[float](), 0, 0
    for part in np.array_split(order, parts):
        rows = order[: there + len(part)]
        anew = len(rows) >= growth * grouped
        grouped = len(rows) if anew else grouped
        found = rows[group_faces(vectors[rows], model, None if anew else groups[rows])]
        if there:
            moved.append(elsewhere(groups[rows[:there]], found[:there]))
        groups[rows], there = found, len(rows)
    return groups, moved


@click.command(epilog=EXAMPLES)
@click.argument("faces", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--parts", type=click.IntRange(2), default=PARTS, show_default=True, help="Times that photos come.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(faces: tuple[Path, ...], parts: int, as_json: bool) -> None:
    """Group the people in the folders FACES without their names, some photos at a time."""
    embedder, found = Embedder(), list[Steps]()
    for folder in faces:
        crops = prepare(folder)
        vectors, model, people = embedder.embed(crops.crops), embedder.info.calibration, np.array(crops.people)
        at_once = group_faces(vectors, model)
        for seed in range(ORDERS):
            order = np.random.default_rng(seed).permutation(len(vectors))
            (end, moved), always, never = (
                (elsewhere(at_once, groups), max(moved))
                for groups, moved in (
                    in_steps(vectors, model, order, parts, growth) for growth in (GROWTH, 1.0, math.inf)
                )
            )
            right = compare_groups(in_steps(vectors, model, order, parts)[0], people)
            found.append(Steps(folder.name, seed, end, moved, always, never, right.precision, right.f1))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=1))
        return
    click.echo(
        "| set | elsewhere than in one run, moved by a step at most | if all are always grouped anew | if never "
        "| precision | F1 |"
    )
    click.echo("|---|---|---|---|---|---|")
    for one in found:
        kinds = ((one.elsewhere, one.moved), one.always, one.never)
        shares = " | ".join(f"{elsewhere:.1%}, {moved:.1%}" for elsewhere, moved in kinds)
        click.echo(f"| {one.set} | {shares} | {one.precision:.3f} | {one.f1:.3f} |")


if __name__ == "__main__":
    main()

"""Ways of comparing two people by their faces, judged by how well they rank relatives.

``python -m bench.aggregation FACES`` prints a table. FACES is a folder as for ``niteru evaluate``, with people of
Families in the Wild among them (``F0001_MID2`` is of family 1). All people are compared with one another.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.kinship import family_of
from niteru.indexer.ask.persons import DAMPING, Persons, assemble

Scores = NDArray[np.floating]
FIRST = (0.01, 0.05)


def persons_of(faces: Path) -> tuple[Persons, NDArray[np.bool_]]:
    """Embed all people in a folder, and find the pairs that are of one family."""
    listed = prepare(faces)
    order = np.argsort(listed.people, kind="stable")
    vectors = Embedder().embed(listed.crops)[order]
    names, starts = np.unique(np.array(listed.people)[order], return_index=True)
    families = np.array([family_of(name) for name in names])
    related = (families[:, None] == families[None]) & ~np.eye(len(names), dtype=bool)
    rows = np.arange(len(vectors))
    return assemble(np.arange(len(names)), names.tolist(), np.append(starts, len(rows)), rows, vectors), related


def by_pairs(persons: Persons, of_pair: Callable[[Scores], float]) -> Scores:
    """Scores of all pairs of people, (p, p), from the cosines of all pairs of their faces."""
    number = len(persons)
    scores = np.full((number, number), -9.0)
    for one in range(number):
        cosines = persons.faces[persons.rows(one)] @ persons.faces.T
        for other in range(one + 1, number):
            scores[one, other] = scores[other, one] = of_pair(cosines[:, persons.rows(other)])
    return scores


def ways(persons: Persons) -> dict[str, Scores]:
    """Scores of all pairs of people by each way of comparing."""
    means = np.stack([persons.faces[persons.rows(one)].mean(axis=0) for one in range(len(persons))])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    medians = persons.vectors @ persons.vectors.T
    hubness = persons.hubness[:, None] + persons.hubness[None]
    return {
        "the two most alike faces": by_pairs(persons, lambda cosines: float(cosines.max())),
        "mean of the three most alike pairs": by_pairs(
            persons, lambda cosines: float(np.sort(cosines.ravel())[-3:].mean())
        ),
        "mean of all pairs": by_pairs(persons, lambda cosines: float(cosines.mean())),
        "mean of each face's best": by_pairs(
            persons, lambda cosines: float(cosines.max(axis=0).mean() + cosines.max(axis=1).mean()) / 2
        ),
        "cosine of the means": means @ means.T,
        "cosine of the medians": medians,
        "the same, damped by a quarter": medians - DAMPING * hubness,
        "the same, damped by a half": medians - 0.5 * hubness,
    }


def figures(scores: Scores, related: NDArray[np.bool_]) -> dict[str, float]:
    """AUC over all pairs, and the shares of people whose relative is among the first."""
    number = len(scores)
    strangers = np.sort(scores[~related & ~np.eye(number, dtype=bool)])
    found = {"auc": float(np.searchsorted(strangers, scores[related]).mean() / len(strangers))}
    kin = np.flatnonzero(related.any(axis=1))
    scores = scores - 9 * np.eye(number)  # people do not appear in their own lists
    ranks = np.array([int((scores[one] > scores[one][related[one]].max()).sum()) for one in kin])
    found |= {f"first {share:.0%}": float((ranks / (number - 1) < share).mean()) for share in FIRST}
    return {**found, "first": float((ranks == 0).mean())}


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(faces: Path) -> None:
    """Measure every way on the people of FACES."""
    persons, related = persons_of(faces)
    kin = int(related.any(axis=1).sum())
    click.echo(f"{len(persons)} people, {kin} with a relative, {int(related.sum()) // 2} pairs")
    for name, scores in ways(persons).items():
        line = "  ".join(f"{key} {value:.3f}" for key, value in figures(scores, related).items())
        click.echo(f"{name:36}{line}")


if __name__ == "__main__":
    main()

"""Groups of galleries in which few people have all photos, or one has most of them.

``python -m bench.grouping_few FACES…`` takes galleries of one, two, three and five people of each folder, thirty times
each; and draws one person with very many photos, as the folder's own are spread, among a few who have three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from bench.same_person import People, invented
from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.grouping import group_faces

TIMES, SEEDS = 30, 3
FEW = (1, 2, 3, 5)
LEAST_PHOTOS = 5
MANY, OTHERS, OF_OTHERS = (20, 100, 1000, 3000), (0, 5, 30), 3
Labelled = tuple[Vectors, NDArray[np.int64]]


def few_people(real: People, count: int) -> list[Labelled]:
    """Galleries of so many people, chosen by chance among those with five photos and more."""
    dice, photos = np.random.default_rng(1), np.bincount(real.owners)
    able = np.flatnonzero(photos >= LEAST_PHOTOS)
    chosen = [np.isin(real.owners, dice.choice(able, count, replace=False)) for _ in range(TIMES)]
    return [(real.vectors[rows], real.owners[rows]) for rows in chosen]


def one_with_most(real: People, photos: int, others: int) -> list[Labelled]:
    """Galleries of one person with so many photos, among others with three each."""
    galleries = []
    for seed in range(SEEDS):
        dice = np.random.default_rng(seed)
        one = invented(real, 1, dice, photos).vectors
        rest = invented(real, others, dice, OF_OTHERS).vectors if others else one[:0]
        who = np.concatenate([np.zeros(photos, np.int64), np.repeat(np.arange(1, others + 1), OF_OTHERS)])
        galleries.append((np.concatenate([one, rest]), who))
    return galleries


def galleries_of(real: People) -> Iterator[tuple[str, Callable[[], list[Labelled]]]]:
    """What is grouped, in words, and how it is made."""
    for count in FEW:
        yield f"{count} of its people", partial(few_people, real, count)
    for photos, others in product(MANY, OTHERS):
        words = f"one with {photos:,} photos, {others} others with {OF_OTHERS}"
        yield words, partial(one_with_most, real, photos, others)


@click.command()
@click.argument("faces", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(faces: tuple[Path, ...]) -> None:
    """Group small and lopsided galleries made of the people in the folders FACES; print averages."""
    embedder = Embedder()
    click.echo("| people of | gallery | precision | the worst | recall | F1 |\n|---|---|---|---|---|---|")
    for folder in faces:
        crops = prepare(folder)
        who = np.unique(crops.people, return_inverse=True)[1].astype(np.int64)
        real = People(embedder.embed(crops.crops), who)
        for words, make in galleries_of(real):
            found = [compare_groups(group_faces(one, embedder.info.calibration), names) for one, names in make()]
            precisions = [one.precision for one in found]
            means = (np.mean(one) for one in ([one.recall for one in found], [one.f1 for one in found]))
            figures = (np.mean(precisions), min(precisions), *means)
            click.echo(f"| {folder.name} | {words} | {' | '.join(f'{one:.3f}' for one in figures)} |")


if __name__ == "__main__":
    main()

"""Time, memory and agreement of the groups of very many faces, drawn as a model's own people are spread."""

from __future__ import annotations

import json
import resource
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import click
import numpy as np

from bench.same_person import People, invented
from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.grouping import group_faces
from niteru.indexer.naming.nearest_faces import nearest_pairs

PHOTOS = 8
_AT_ONCE = 10_000
"""People drawn at once, for memory's sake."""
_ASKED, _OWN = 1_000, 0.6
"""Faces whose neighbours are looked up exactly, and similarity from which those must be found."""
EXAMPLES = """\b
Examples:
  python -m bench.grouping_scale photos/ lfw/
  python -m bench.grouping_scale photos/ --sizes 10000 --json
"""


def drawn_faces(real: People, faces: int) -> Vectors:
    """So many faces of people who are spread as the real ones are, eight of each, in the order of the people."""
    dice, people = np.random.default_rng(0), -(-faces // PHOTOS)
    parts = [invented(real, min(_AT_ONCE, people - at), dice, PHOTOS).vectors for at in range(0, people, _AT_ONCE)]
    return np.concatenate(parts)[:faces]


def recall(vectors: Vectors) -> float:
    """Share of the pairs of one person, alike enough to count, that the graph of neighbours has."""
    sample = np.random.default_rng(1).choice(len(vectors) // PHOTOS, _ASKED // PHOTOS, replace=False)
    rows = (sample[:, None] * PHOTOS + np.arange(PHOTOS)).ravel()
    pairs = nearest_pairs(vectors, np.ones(len(vectors), np.bool_), _OWN)
    keys = pairs.one.astype(np.int64) * len(vectors) + pairs.other
    wanted = [
        int(one) * len(vectors) + int(other)
        for one in rows
        for other in range(one + 1, one // PHOTOS * PHOTOS + PHOTOS)
        if vectors[one] @ vectors[other] >= _OWN
    ]
    return float(np.isin(wanted, keys).mean())


def measure(real: People, model: dict[str, float], faces: int) -> dict[str, Any]:
    """Group so many faces, in a process of its own."""
    vectors = drawn_faces(real, faces)
    start, spent = perf_counter(), process_time()
    groups = group_faces(vectors, model)
    figures = {"seconds": round(perf_counter() - start), "cpu_seconds": round(process_time() - spent)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    agreement = compare_groups(groups, np.arange(faces) // PHOTOS).to_dict()
    return {"faces": faces, **figures, "peak_mb": peak, **agreement, "recall_of_pairs": round(recall(vectors), 4)}


@click.command(epilog=EXAMPLES)
@click.argument("faces", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--sizes", default="100000,1000000", show_default=True, help="Numbers of faces.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(faces: tuple[Path, ...], sizes: str, as_json: bool) -> None:
    """Draw faces after the people in the folders FACES, and group them."""
    embedder = Embedder()
    sets = [prepare(folder) for folder in faces]
    names = [f"{number}/{person}" for number, one in enumerate(sets) for person in one.people]
    vectors = np.concatenate([embedder.embed(one.crops) for one in sets])
    real = People(vectors, np.unique(names, return_inverse=True)[1].astype(np.int64))
    found = list[dict[str, Any]]()
    for size in map(int, sizes.split(",")):
        with get_context("spawn").Pool(1) as apart:
            found.append(apart.apply(measure, (real, embedder.info.calibration, size)))
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    heads = list(found[0])
    click.echo("\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]))
    for one in found:
        click.echo(f"| {' | '.join(str(one[head]) for head in heads)} |")


if __name__ == "__main__":
    main()

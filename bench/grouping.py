"""Groups of faces without a name, by niteru and by what others document, compared with the people they show.

The names of labelled people are taken away, the faces are grouped, and the groups are compared with the names by
B-cubed and by pairs. Chinese whispers runs on dlib's vectors, all else on the same vectors of niteru's model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np

from bench.drawn_families import photograph
from bench.grouping_methods import FaceSet, methods
from niteru.engine import Pixels
from niteru.engine.embedding.embedder import DEFAULT_MODEL, Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.grouping import compare_groups
from niteru.indexer.naming.average_linkage import Tokens

HEAD = "| method | precision | recall | F1 | pairwise F1 | groups | seconds |"
EXAMPLES = """\b
Examples:
  python -m bench.grouping photos/ lfw/
  python -m bench.grouping --drawn 12
  python -m bench.grouping photos/ --json > grouping.json
"""


class Vectorised:
    """Crops as vectors, by the model that is measured and by dlib's network."""

    def __init__(self, model: str) -> None:
        self._embedder, self._dlib = Embedder(find_model(model)), Embedder(find_model("niteru-free"))

    def of(self, name: str, crops: Pixels, people: list[str], tokens: dict[int, Tokens] | None = None) -> FaceSet:
        """Embed the crops of people."""
        vectors, dlib = self._embedder.embed(crops), self._dlib.embed(crops)
        return FaceSet(name, vectors, dlib, np.array(people), self._embedder.info.calibration, tokens or {})


def face_sets(folders: tuple[Path, ...], families: int, embed: Vectorised) -> Iterator[FaceSet]:
    """Faces of the folders' people, then of drawn families."""
    for folder in folders:
        crops = prepare(folder)
        yield embed.of(folder.name, crops.crops, crops.people)
    if families:
        taken = photograph(families)
        photos, count = np.unique(taken.photos, return_counts=True)
        several = set(photos[count > 1].tolist())
        tokens = {row: frozenset({photo}) for row, photo in enumerate(taken.photos.tolist()) if photo in several}
        yield embed.of(f"{families} drawn families", taken.crops, taken.people.tolist(), tokens)


def measured(faces: FaceSet) -> Iterator[dict[str, Any]]:
    """Figures of every method."""
    for name, run in methods(faces):
        start = perf_counter()
        groups = run()
        seconds = perf_counter() - start
        figures = compare_groups(groups, faces.people).to_dict()
        yield {"set": faces.name, "faces": len(groups), "method": name, **figures, "seconds": round(seconds, 1)}


def row(figures: dict[str, Any]) -> str:
    """A line of the table."""
    shares = " | ".join(f"{figures[name]:.3f}" for name in ("precision", "recall", "f1", "pair_f1"))
    return f"| {figures['method']} | {shares} | {figures['groups']:,} | {figures['seconds']} |"


@click.command(epilog=EXAMPLES)
@click.argument("faces", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--drawn", "families", type=int, default=0, help="Number of drawn families to measure, too.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Model that makes the vectors.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def main(faces: tuple[Path, ...], families: int, model: str, as_json: bool) -> None:
    """Group the people in the folders FACES without their names, and drawn families."""
    if not faces and not families:
        raise click.UsageError("nothing to group: name a folder of labelled people, or ask for --drawn families")
    found = list[dict[str, Any]]()
    for one in face_sets(faces, families, Vectorised(model)):
        if not as_json:
            people = f"{len(one.people):,} faces of {len(np.unique(one.people)):,} people"
            click.echo(f"\n{one.name}: {people}\n\n{HEAD}\n|{'---|' * (HEAD.count('|') - 1)}")
        for figures in measured(one):
            found.append(figures)
            if not as_json:
                click.echo(row(figures))
    if as_json:
        click.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

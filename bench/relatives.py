"""Recall of relatives among the people most alike, in a gallery of KinFaceW's parents and children.

``python -m bench.relatives KINFACEW [--peer dlib]`` prints JSON: the shares of people whose relative is among the 1 %
and the 5 % most alike, for niteru's vectors, for dlib's in the same code (90 ms for a face), and by chance.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.kinface import KinFaces
from niteru.engine.training.embedding.dlib_network import DlibNetwork
from niteru.indexer.ask.neighbours import neighbours
from niteru.indexer.ask.persons import assemble

SHARES = (0.01, 0.05)


def gallery(kin: KinFaces) -> tuple[NDArray[np.uint8], list[set[int]]]:
    """Crops of all people, and the rows of each one's relatives."""
    crops, relatives, first = [], list[set[int]](), 0
    for name, pairs in kin.pairs.items():
        crops.append(kin.crops[name])
        relatives += [set() for _ in pairs.files]
        for one, other in zip(pairs.first[pairs.related], pairs.second[pairs.related], strict=True):
            relatives[first + one].add(first + int(other))
            relatives[first + other].add(first + int(one))
        first += len(pairs.files)
    return np.concatenate(crops), relatives


def measure(vectors: Vectors, relatives: list[set[int]]) -> dict[str, float]:
    """Shares of people with a relative among the most alike, for each of :data:`SHARES`."""
    number = len(vectors)
    vectors = np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
    ids, names = np.arange(number), [str(row) for row in range(number)]
    persons = assemble(ids, names, np.arange(number + 1), ids, vectors)
    with TemporaryDirectory() as work:
        rows = neighbours(persons, int(SHARES[-1] * number), Path(work)).rows
    figures = {}
    for share in SHARES:
        most = int(share * number)
        found = [bool(own & set(near[:most])) for own, near in zip(relatives, rows.tolist(), strict=True) if own]
        figures[f"top_{share:.0%}"] = round(float(np.mean(found)), 3)
    return figures


def chance(relatives: list[set[int]]) -> dict[str, float]:
    """The same shares for random answers."""
    number, known = len(relatives), [len(own) for own in relatives if own]
    luck = {}
    for share in SHARES:
        most = int(share * number)
        luck[f"top_{share:.0%}"] = round(float(np.mean([1 - (1 - most / (number - 1)) ** own for own in known])), 3)
    return luck


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--peer", type=click.Choice(["dlib", "none"]), default="dlib", show_default=True)
def main(folder: Path, peer: str) -> None:
    """Measure on the KinFaceW set in FOLDER."""
    crops, relatives = gallery(KinFaces.load(folder))
    results = {
        "people": len(relatives),
        "chance": chance(relatives),
        "niteru": measure(Embedder().embed(crops), relatives),
    }
    if peer == "dlib":
        results["dlib"] = measure(DlibNetwork().embed(crops), relatives)
    click.echo(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()

"""Search for a linear map of the vectors that ranks *who looks like whom* better, by parents and children.

``python -m bench.likeness FACES [--model NAME]`` prints a table. FACES is laid out as :mod:`bench.yardsticks`
describes, with ``more/`` (strangers) and ``more/labels.csv`` (``set,file,age,sex,group``) for the directions of sex and
age, and ``train/`` for families. Every map is made without KinFaceW, ``lfw/`` and ``dev/``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from bench.clock import Embed
from bench.yardsticks import Yardsticks
from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.evaluation.kinface import score
from niteru.engine.evaluation.kinship import family_of, relatives
from niteru.engine.evaluation.retrieval import recall_at_1

Map = Callable[[Vectors], Vectors]
_EACH = 8
"""Every eighth stranger is enough for a mean and two directions."""
_USED = 0.02
"""Singular value, as a share of the largest, below which a direction is noise: niteru-v5 uses 58 of its 128."""
_KEPT = 0.25
"""Share of all directions that the discriminant keeps."""
_SHRUNK = 0.1
"""Share of the mean variance that is added to the variance of each direction before dividing by it."""


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", help="Name of an installed model; by default niteru's own.")
def main(faces: Path, model: str | None) -> None:
    """Measure every map on FACES."""
    embed, yard = Embedder(find_model(model)).embed, Yardsticks.load(faces)
    kin = {
        name: {relation: embed(crops) for relation, crops in of_set.crops.items()} for name, of_set in yard.kin.items()
    }
    lfw, dev = embed(yard.lfw.crops), embed(yard.dev.crops)
    numbers = np.unique(yard.lfw.people, return_inverse=True)[1]
    click.echo("| | KinFaceW-I | KinFaceW-II | families of dev | lfw recall@1 |\n|---|---|---|---|---|")
    for name, mapped in ways(faces, embed).items():
        aucs = [
            score(yard.kin[of_set].pairs, {relation: mapped(one) for relation, one in vectors.items()})["kin_auc"]
            for of_set, vectors in kin.items()
        ]
        families = relatives(mapped(dev), yard.dev.people)
        assert families is not None
        figures = [*aucs, families["auc"], recall_at_1(mapped(lfw), numbers) or 0.0]
        click.echo(f"| {name} | " + " | ".join(f"{figure:.4f}" for figure in figures) + " |")


def ways(faces: Path, embed: Embed) -> dict[str, Map]:
    """All maps that are tried, beginning with none."""
    strangers = prepare(faces / "more", strangers=True)
    known = embed(np.asarray(strangers.crops[::_EACH]))
    middle = known.mean(axis=0)
    sex, age = _labels(faces / "more" / "labels.csv", strangers.refs[::_EACH])
    two = directions(known - middle, np.stack([sex, age], axis=1))
    families = [prepare(folder) for folder in _with_families(faces / "train")]
    people = [person for one in families for person in one.people]
    within, between = _spreads(np.concatenate([embed(one.crops) for one in families]), people)
    return {
        "as it is": _unit,
        "less the mean of strangers": lambda v: _unit(v - middle),
        "and less half of sex and age": lambda v: _unit(_less(v - middle, two, 0.5)),
        "and less sex and age": lambda v: _unit(_less(v - middle, two, 1.0)),
        "whitened within families": lambda v: _unit((v - middle) @ within),
        "less sex and age, whitened": lambda v: _unit(_less(v - middle, two, 1.0) @ within),
        "discriminant of families": lambda v: _unit((v - middle) @ between),
    }


def _with_families(root: Path) -> list[Path]:
    """Sets of people whose names tell their families."""
    folders = [one for one in sorted(root.iterdir()) if one.is_dir()]
    return [one for one in folders if any(family_of(person.name) != person.name for person in one.iterdir())]


def _labels(file: Path, refs: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sex, -1 or 1, and age in decades of each picture; the mean where it is not known."""
    with file.open(newline="", encoding="utf-8") as rows:
        labels = {Path(row["file"]).stem: row for row in csv.DictReader(rows)}
    rows_of = [labels.get(Path(ref).stem, {}) for ref in refs]
    sex = np.array([{"f": -1.0, "m": 1.0}.get(row.get("sex", "")[:1].lower(), np.nan) for row in rows_of])
    age = np.array([float(row["age"]) / 10 if row.get("age") else np.nan for row in rows_of])
    return tuple(np.where(np.isnan(one), np.nanmean(one), one) for one in (sex, age))  # type: ignore[return-value]


def directions(vectors: Vectors, labels: NDArray[np.float64]) -> Vectors:
    """Orthonormal directions that predict the labels best, (dimension, labels)."""
    weights = np.linalg.lstsq(vectors.astype(np.float64), labels - labels.mean(axis=0), rcond=_USED)[0]
    return np.asarray(np.linalg.qr(weights)[0], np.float32)


def _less(vectors: Vectors, directions: Vectors, share: float) -> Vectors:
    return np.asarray(vectors - share * (vectors @ directions) @ directions.T, np.float32)


def _spreads(vectors: Vectors, people: list[str]) -> tuple[Vectors, Vectors]:
    """Maps that whiten the differences within families; the second keeps only the directions between families."""
    names = np.unique(people)
    means = np.stack([vectors[np.array(people) == name].mean(axis=0) for name in names])
    means = _unit(means - means.mean(axis=0))
    numbers = np.unique([family_of(str(name)) for name in names], return_inverse=True)[1]
    counts = np.bincount(numbers)[numbers]
    family = np.stack([means[numbers == number].mean(axis=0) for number in range(numbers.max() + 1)])[numbers]
    inside = np.cov((means - family)[counts > 1].T)
    whitened = _root(inside)
    apart = np.cov((family[counts > 1] @ whitened).T)
    values, axes = np.linalg.eigh(apart)
    kept = axes[:, ::-1][:, : int(len(values) * _KEPT)]
    return np.asarray(whitened, np.float32), np.asarray(whitened @ kept, np.float32)


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    values, axes = np.linalg.eigh(covariance)
    return np.asarray((axes / np.sqrt(values + _SHRUNK * values.mean())) @ axes.T)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)


if __name__ == "__main__":
    main()

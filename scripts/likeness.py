"""``niteru evaluate --likeness``: measure how well a model agrees with what people say of likeness."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import CropSet, crops_of, prepare
from niteru.engine.evaluation.judgements import (
    JudgementsUnusable,
    NamedDoubles,
    ScoredPairs,
    Triplets,
    read_judgements,
)
from niteru.engine.evaluation.likeness import RECALLS, Likened, of_pairs, of_ranks, of_triplets
from niteru.engine.photos.person_name import name_key

_AT_A_TIME = 256
_SHOWN = 10
"""Pictures that cannot be used which are named on the screen; likeness.json has all."""


@dataclass(eq=False)
class _Photos:
    """Photos of a table that show a face: the row of each in ``vectors``, and why others have none."""

    rows: dict[str, int] = field(default_factory=dict)
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 1), np.float32))
    skipped: dict[str, str] = field(default_factory=dict)


def measure_likeness(faces: Path, table: Path, embedder: Embedder, out: Path, crops: bool) -> dict[str, Any]:
    """Compare a model with a table of judgements, and write the figures to ``out``.

    Args:
        faces: folder that the table's photos are relative to, if they are not relative to the table's own; for named
            doubles the people among whom they are looked up.
        table: see :func:`niteru.engine.evaluation.judgements.read_judgements`.
        embedder: the model.
        out: folder for ``likeness.json``.
        crops: whether the pictures are face crops already.

    Raises:
        JudgementsUnusable: the table is wrong, or no judgement in it is about pictures that show a face.
    """
    judgements = read_judgements(table)
    if isinstance(judgements, NamedDoubles):
        figures = _doubles(judgements, faces, table, embedder, crops)
    else:
        figures = _photos_alone(judgements, faces, table, embedder, crops)
    figures = {"model": embedder.info.id, "judgements_from": str(table), **figures}
    out.mkdir(parents=True, exist_ok=True)
    (out / "likeness.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return figures


def _photos_alone(
    judgements: ScoredPairs | Triplets, faces: Path, table: Path, embedder: Embedder, crops: bool
) -> dict[str, Any]:
    seen = _embedded((name for photos in judgements.photos for name in photos), faces, table, embedder, crops)
    usable = np.array([all(name in seen.rows for name in photos) for photos in judgements.photos])
    _check_some(usable, faces, table)
    kept = [photos for photos, is_usable in zip(judgements.photos, usable, strict=True) if is_usable]
    rows = np.array([[seen.rows[name] for name in photos] for photos in kept], np.int64)
    if isinstance(judgements, ScoredPairs):
        figures = {"form": "pairs", **of_pairs(seen.vectors, rows, judgements.scores[usable])}
    else:
        figures = {"form": "triplets", **of_triplets(seen.vectors, rows, judgements.odd[usable])}
    return {**figures, "photos": len(seen.rows), **_counts(usable, seen.skipped)}


def _doubles(judged: NamedDoubles, faces: Path, table: Path, embedder: Embedder, crops: bool) -> dict[str, Any]:
    listed = prepare(faces, crops=crops)
    gallery = Likened(embedder.embed(listed.crops), listed.people)
    names = {name_key(name): name for name in gallery.rows}
    probes = [names.get(name_key(probe), probe) for probe in judged.probes]
    doubles = [names.get(name_key(double), double) for double in judged.doubles]
    seen = _embedded((one for one in probes if one not in gallery.rows), faces, table, embedder, crops)
    skipped = seen.skipped | {double: "not-in-faces" for double in doubles if double not in gallery.rows}
    usable = np.array(
        [probe not in skipped and double in gallery.rows for probe, double in zip(probes, doubles, strict=True)]
    )
    _check_some(usable, faces, table)
    owner = _owners(listed)
    kept = [(probes[row], doubles[row]) for row in np.flatnonzero(usable)]
    ranks = [
        gallery.rank(probe if probe in gallery.rows else seen.vectors[seen.rows[probe]], double, owner.get(probe))
        for probe, double in kept
    ]
    things = np.unique([owner.get(one, one) for pair in kept for one in pair], return_inverse=True)[1].reshape(-1, 2)
    figures = of_ranks(np.array(ranks, np.int64), things.astype(np.int64), len(gallery.rows) - 1)
    return {"form": "doubles", **figures, "people": len(gallery.rows), **_counts(usable, skipped)}


def _owners(listed: CropSet) -> dict[str, str]:
    """Person of each photo in FACES by its path there: nobody is their own double."""
    return dict(zip(listed.refs, listed.people, strict=True))


def _embedded(names: Iterable[str], faces: Path, table: Path, embedder: Embedder, crops: bool) -> _Photos:
    """Find the face of every photo once, and embed it; photos that cannot be used are named with the reason."""
    wanted = list(dict.fromkeys(names))
    found, waiting = _Photos(), list[np.ndarray]()
    parts = list[Vectors]()
    for name, crop in zip(wanted, crops_of([_path(name, faces, table) for name in wanted], crops=crops), strict=True):
        if isinstance(crop, str):
            found.skipped[name] = crop
            continue
        found.rows[name] = len(found.rows)
        waiting.append(crop)
        if len(waiting) == _AT_A_TIME:
            parts.append(embedder.embed(np.stack(waiting)))
            waiting = []
    if waiting:
        parts.append(embedder.embed(np.stack(waiting)))
    if parts:
        found.vectors = np.concatenate(parts)
    return found


def _path(name: str, faces: Path, table: Path) -> Path:
    """File of a photo that a table names: below FACES, or else beside the table."""
    below = faces / name
    return below if below.is_file() else table.parent / name


def _check_some(usable: NDArray[np.bool_], faces: Path, table: Path) -> None:
    if not usable.any():
        raise JudgementsUnusable(
            f"{table}: none of its {len(usable)} judgements is about pictures that can be used; write paths relative "
            f"to {faces} or to the table, and names as the folders in {faces} have them"
        )


def _counts(usable: NDArray[np.bool_], skipped: dict[str, str]) -> dict[str, Any]:
    return {
        "judgements": int(usable.sum()),
        "left_out": int((~usable).sum()),
        "skipped": [{"photo": name, "reason": reason} for name, reason in skipped.items()],
    }


def print_likeness(figures: dict[str, Any], out: Path) -> None:
    """Print the figures of one form."""
    if figures["form"] == "pairs":
        click.echo(f"Spearman's rank correlation with people's scores: {_said(figures, 'spearman', '.3f')}")
    elif figures["form"] == "triplets":
        click.echo(
            f"agrees on the odd one out: {_said(figures, 'agreement', '.1%')}; by chance {figures['chance']:.1%}"
        )
        _print_judges(figures["judges"])
    else:
        print_ranks(figures)
    click.echo(f"{figures['judgements']:,} judgements, {figures['left_out']:,} left out")
    for one in figures["skipped"][:_SHOWN]:
        click.echo(f"  {one['photo']}: {one['reason']}")
    if len(figures["skipped"]) > _SHOWN:
        click.echo(f"  and {len(figures['skipped']) - _SHOWN:,} more")
    click.echo(f"in brackets: 95 % over photos; all of it in {out}/likeness.json")


def print_ranks(figures: dict[str, Any]) -> None:
    """Print the ranks of doubles."""
    chance = figures["median_rank_by_chance"]
    click.echo(f"median rank among {figures['among']:,}: {_said(figures, 'median_rank', 'g')}; by chance {chance:g}")
    for most in RECALLS:
        chance = figures[f"recall_at_{most}_by_chance"]
        click.echo(f"among the first {most}: {_said(figures, f'recall_at_{most}', '.1%')}; by chance {chance:.1%}")


def _print_judges(judges: dict[str, Any] | None) -> None:
    if judges is None:
        click.echo("no triplet was judged more than once, so how far people agree is not known")
        return
    click.echo(
        f"on {judges['triplets']:,} triplets judged several times: two judges agree on {judges['one_another']:.1%}, "
        f"the most frequent choice is {judges['most']:.1%} of all, the model agrees with {judges['model']:.1%}"
    )


def _said(figures: dict[str, Any], name: str, form: str) -> str:
    """A figure with its interval; a dash for what cannot be told."""
    value, low, high = (figures[key] for key in (name, f"{name}_from", f"{name}_to"))
    ends = "" if low is None else f" [{low:{form}} to {high:{form}}]"
    return "–" if value is None else f"{value:{form}}{ends}"

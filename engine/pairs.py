"""Verification pairs: read from an LFW-format file, or drawn from the labels.

The format is that of Labeled Faces in the Wild (Huang et al., 2007): a first line ``folds pairs``, then for each fold
that many genuine lines ``NAME i j`` and as many impostor lines ``NAME i OTHER j``, for the photos ``NAME/NAME_000i``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

FOLDS = 10
MOST_PER_FOLD = 300


class PairsUnusable(Exception):
    """A pairs file that cannot be read, or too few people to draw pairs from."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos, each named by what stands before its ending: ``("NAME", "NAME_0001")``."""

    first: tuple[str, str]
    second: tuple[str, str]
    genuine: bool
    fold: int


def photo_key(ref: str) -> tuple[str, str]:
    """Person's folder and file name without ending: how a pairs file knows a photo, in whatever sub-folder."""
    path = PurePosixPath(ref)
    return path.parent.name, path.stem


def read_pairs(file: Path) -> list[Pair]:
    """Read a pairs file.

    Raises:
        PairsUnusable: no such file, or a line that is not of the format; the message names the line.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PairsUnusable(f"{file}: {error}") from None
    try:
        folds, each = (int(word) for word in lines[0].split())
    except (ValueError, IndexError):
        raise PairsUnusable(f"{file}, line 1: the numbers of folds and of pairs are expected there") from None
    rows = [(number, line) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    if len(rows) != folds * each * 2:
        raise PairsUnusable(f"{file}: {folds} folds of 2 × {each} pairs are announced, {len(rows)} lines follow")
    return [_pair(file, number, line, i // (2 * each)) for i, (number, line) in enumerate(rows)]


def _pair(file: Path, number: int, line: str, fold: int) -> Pair:
    words = line.split("\t") if "\t" in line else line.split()
    try:
        if len(words) == 3:
            name, i, j = words
            return Pair(_key(name, i), _key(name, j), True, fold)
        name, i, other, j = words
        return Pair(_key(name, i), _key(other, j), False, fold)
    except ValueError:
        raise PairsUnusable(f"{file}, line {number}: neither 'NAME i j' nor 'NAME i OTHER j'") from None


def _key(name: str, number: str) -> tuple[str, str]:
    return name, f"{name}_{int(number):04d}"


def draw_pairs(refs: list[str], people: list[str], seed: int = 0) -> list[Pair]:
    """Pairs in folds of disjoint people, as many impostor as genuine ones, the same each time.

    Args:
        refs: photos, ``…/PERSON/photo.jpg``.
        people: the person of each.
        seed: of the choice.

    Raises:
        PairsUnusable: fewer than 20 people have two photos.
    """
    rng = np.random.default_rng(seed)
    photos: dict[str, list[tuple[str, str]]] = {}
    for ref, person in zip(refs, people, strict=True):
        photos.setdefault(person, []).append(photo_key(ref))
    names = sorted(name for name, keys in photos.items() if len(keys) > 1)
    if len(names) < 2 * FOLDS:
        raise PairsUnusable(f"{len(names)} people with two photos or more; {2 * FOLDS} are needed to draw pairs from")
    rng.shuffle(names)
    pairs: list[Pair] = []
    for fold in range(FOLDS):
        members = names[fold::FOLDS]
        genuine = [(name, i, j) for name in members for j in range(len(photos[name])) for i in range(j)]
        chosen = rng.permutation(len(genuine))[:MOST_PER_FOLD]
        for name, i, j in (genuine[c] for c in chosen):
            pairs.append(Pair(photos[name][i], photos[name][j], True, fold))
            one, other = rng.choice(len(members), 2, replace=False)
            keys, others = photos[members[one]], photos[members[other]]
            first, second = keys[rng.integers(len(keys))], others[rng.integers(len(others))]
            pairs.append(Pair(first, second, False, fold))
    return pairs

"""Pairs for verification, read from a list in LFW's format or drawn from the labels.

The format is that of Labeled Faces in the Wild (Huang et al., 2007): a first line ``folds pairs``, then for each fold
that many genuine lines ``NAME i j`` and as many impostor lines ``NAME i OTHER j``, for the photos ``NAME/NAME_000i``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePosixPath

import numpy as np

from niteru.engine.failure import Failure

FOLDS = 10
MOST_PER_FOLD = 300


class PairsUnusable(Failure):
    """A list of pairs cannot be read, or there are too few people to draw pairs from."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos by their rows among the prepared faces; None for a photo without a face."""

    first: int | None
    second: int | None
    genuine: bool
    fold: int


def read_pairs(file: Path, refs: list[str], faceless: list[str]) -> list[Pair]:
    """Read a list of pairs.

    Args:
        file: list in LFW's format.
        refs: the prepared photos, ``…/NAME/NAME_0001.jpg``, in any sub-folder.
        faceless: the photos in which no face was found.

    Returns:
        The pairs whose two photos exist; a missing photo is no fault of the network.

    Raises:
        PairsUnusable: there is no such file, or a line is not in the format; the message names the line.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PairsUnusable(f"{file}: {error}") from None
    folds, each = _announced(file, lines)
    rows = [(number, line) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    if len(rows) != folds * each * 2:
        raise PairsUnusable(f"{file}, line 1 announces {folds} folds of 2 × {each} pairs, but {len(rows)} lines follow")
    known: dict[tuple[str, str], int | None] = {_photo_key(ref): None for ref in faceless}
    known |= {_photo_key(ref): row for row, ref in enumerate(refs)}
    pairs = []
    for i, (number, line) in enumerate(rows):
        first, second, genuine = _parse(file, number, line)
        if first in known and second in known:
            pairs.append(Pair(known[first], known[second], genuine, i // (2 * each)))
    if not pairs:
        raise PairsUnusable(f"{file} names none of these photos: {rows[0][1]!r} means NAME/NAME_0001.jpg and so on")
    return pairs


def _announced(file: Path, lines: list[str]) -> tuple[int, int]:
    try:
        folds, each = (int(word) for word in lines[0].split())
    except (ValueError, IndexError):
        folds = each = 0
    if folds < 1 or each < 1:
        raise PairsUnusable(f"{file}, line 1 must hold the numbers of folds and of pairs in each")
    return folds, each


def _parse(file: Path, number: int, line: str) -> tuple[tuple[str, str], tuple[str, str], bool]:
    words = line.split("\t") if "\t" in line else line.split()
    try:
        if len(words) == 3:
            name, i, j = words
            return _key(name, i), _key(name, j), True
        name, i, other, j = words
        return _key(name, i), _key(other, j), False
    except ValueError:
        raise PairsUnusable(f"{file}, line {number} must be 'NAME i j' or 'NAME i OTHER j'") from None


def _key(name: str, number: str) -> tuple[str, str]:
    return name, f"{name}_{int(number):04d}"


def _photo_key(ref: str) -> tuple[str, str]:
    path = PurePosixPath(ref)
    return path.parent.name, path.stem


def draw_pairs(people: list[str], seed: int = 0) -> list[Pair]:
    """Draw pairs in folds of disjoint people, as many impostor as genuine ones, the same each time.

    Args:
        people: name of each prepared face's person.
        seed: seed of the choice.

    Raises:
        PairsUnusable: fewer than 20 people have two photos.

    Example:
        >>> people = [f"person {number // 3}" for number in range(60)]  # 20 people with three photos each
        >>> pairs = draw_pairs(people)
        >>> len(pairs), sum(pair.genuine for pair in pairs)
        (120, 60)
        >>> all(pair.genuine == (people[pair.first] == people[pair.second]) for pair in pairs)
        True
    """
    rng = np.random.default_rng(seed)
    rows: dict[str, list[int]] = {}
    for row, person in enumerate(people):
        rows.setdefault(person, []).append(row)
    names = sorted(name for name, own in rows.items() if len(own) > 1)
    if len(names) < 2 * FOLDS:
        raise PairsUnusable(f"{len(names)} people with two photos or more; {2 * FOLDS} are needed to draw pairs from")
    rng.shuffle(names)
    pairs: list[Pair] = []
    for fold in range(FOLDS):
        members = names[fold::FOLDS]
        genuine = [pair for name in members for pair in combinations(rows[name], 2)]
        for chosen in rng.permutation(len(genuine))[:MOST_PER_FOLD]:
            first, second = genuine[chosen]
            pairs.append(Pair(first, second, True, fold))
            one, other = rng.choice(len(members), 2, replace=False)
            mine, theirs = rng.choice(rows[members[one]]), rng.choice(rows[members[other]])
            pairs.append(Pair(int(mine), int(theirs), False, fold))
    return pairs

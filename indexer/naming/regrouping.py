"""Groups of a gallery's faces that nobody has named: new faces join the groups of before, or found their own.

Whoever came early was grouped by what little there was then, so all groups are made anew when a tenth more faces have
come since they last were; they keep the numbers of those with which they share the most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.photos.person_name import group_name, group_number
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.labels import PlacedFace
from niteru.indexer.naming.average_linkage import Tokens
from niteru.indexer.naming.grouping import group_faces

_LAST_GROUP = "last_group"
"""Setting: the highest number that a group ever had; none is used twice."""
_GROUPED = "faces_grouped_anew"
"""Setting: the number of faces when all groups were last made anew."""
GROWTH = 1.1
"""How many times as many faces make all groups anew."""
_PLACED = -1
"""Token of a face that was put into its group by hand: what people keep apart is not joined."""


def regrouped(
    catalog: Catalog, model: ModelInfo, faces: list[PlacedFace], placed: Mapping[int, int]
) -> dict[int, int | None]:
    """Group the faces that are in no group yet, or all where there are many more. Must run in a transaction.

    Args:
        catalog: opened for writing.
        model: whose vectors the faces have.
        faces: usable ones that nobody has named; ``person`` is their group, if they are in one.
        placed: groups of the faces that were put there by hand.

    Returns:
        The group of each face that has a vector by the model.
    """
    if all(face.person is not None for face in faces):
        return {face.id: face.person for face in faces}
    before = {face.id: -1 if face.person is None else face.person for face in faces} | dict(placed)
    found = catalog.queries.vectors_of_faces(before, model.id)
    ids, vectors = [face.face for face in found], np.stack([face.vector for face in found])
    groups = np.array([before[face] for face in ids], np.int64)
    tokens = _tokens(ids, faces, placed)
    anew = len(ids) >= GROWTH * int(catalog.queries.setting(_GROUPED) or 0)
    kept = np.array([placed.get(face, -1) for face in ids], np.int64) if anew else groups
    roots = group_faces(vectors, model.calibration, kept, tokens, catalog.queries.counts()["people"])
    if anew:
        catalog.set_setting(_GROUPED, str(len(ids)))
    return dict(zip(ids, _numbered(catalog, roots, groups, kept), strict=True))


def _tokens(ids: list[int], faces: list[PlacedFace], placed: Mapping[int, int]) -> dict[int, Tokens]:
    """What keeps groups apart: faces of one photo, or one moment of a video, are different people."""
    where = {face.id: (face.photo, face.second) for face in faces}
    company = Counter(where.values())
    moments = {moment: number for number, (moment, count) in enumerate(company.items()) if count > 1}
    tokens = {row: {moments[where[face]]} for row, face in enumerate(ids) if where.get(face) in moments}
    for row, face in enumerate(ids):
        if face in placed:
            tokens.setdefault(row, set()).add(_PLACED)
    return {row: frozenset(some) for row, some in tokens.items()}


def _numbered(
    catalog: Catalog, roots: NDArray[np.int64], before: NDArray[np.int64], kept: NDArray[np.int64]
) -> list[int]:
    """Id of each face's group: one whose faces had to stay, else the one it shares most with, else a new one.

    Of several that came together it is the oldest; new ones are numbered from the largest on.

    Args:
        catalog: opened for writing.
        roots: first row of each face's group, int64 (n,).
        before: id of the group that each face was in, int64 (n,); -1 for none.
        kept: the same for faces whose group had to stay as it was.
    """
    numbers = {person: group_number(name) or 0 for person, name in catalog.labels.names().items()}
    had = dict[int, int]()
    stayed = set(zip(kept.tolist(), roots.tolist(), strict=True))
    for group, root in sorted(stayed, key=lambda one: numbers.get(one[0], 0)):
        if group >= 0:
            had.setdefault(root, group)
    shared = Counter(zip(before.tolist(), roots.tolist(), strict=True))
    taken = set(had.values())
    for (group, root), _ in sorted(shared.items(), key=lambda one: (-one[1], numbers.get(one[0][0], 0))):
        if group >= 0 and root not in had and group not in taken:
            had[root] = group
            taken.add(group)
    for root, _ in Counter(roots.tolist()).most_common():
        if root not in had:
            had[root] = catalog.labels.id_of(new_group(catalog))
    return [had[root] for root in roots.tolist()]


def new_group(catalog: Catalog) -> str:
    """Name for a new group. Must run in a transaction."""
    number = int(catalog.queries.setting(_LAST_GROUP) or 0) + 1
    catalog.set_setting(_LAST_GROUP, str(number))
    return group_name(number)

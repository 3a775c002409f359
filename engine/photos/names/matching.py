"""Which detected face each name belongs to.

Programs draw boxes of very different size around the same face: from the chin to the brows, with the hair, or with the
shoulders; so their overlap with the detector's box says little, and where their middles are says most. A box may be of
a face if the middle of the smaller one lies in the middle half of the larger one, in width and height, and their sides
differ by a factor of three at most. On 165 photos with several people, boxes drawn three times as large as the
detector's so took in a neighbour's face for 0.8 % of the pairs of neighbours, and 26 % if its middle only had to be
inside (``python -m bench.name_boxes``). Of what is possible, the pairs with the most overlap together are taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from niteru.engine.faces.face import Box
from niteru.engine.photos.names.named import NamedRegion
from niteru.engine.photos.names.relative_box import RelativeBox

MIDDLE = 0.5
"""How far the middles may be apart, relative to half a side of the larger box."""
MOST_TIMES = 3.0
"""How many times as long the sides of the larger box may be."""
SURE = 0.5
"""A pair is ambiguous if the others could make up for so much of its overlap without it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and a face that belong together.

    Attributes:
        region: number of the named region.
        face: number of the face.
        ambiguous: whether another choice would be nearly as good: somebody should look.
    """

    region: int
    face: int
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs in the order of the regions, and the numbers of the regions in whose box no face was detected."""

    pairs: tuple[Pair, ...]
    without_face: tuple[int, ...]


def match_faces(regions: Sequence[NamedRegion], boxes: Sequence[Box], size: tuple[int, int]) -> Matches:
    """Pair named regions with detected faces, each with one at most.

    Args:
        regions: of the photo.
        boxes: of the faces, in pixels of the upright photo.
        size: width and height of that photo, in the same pixels.

    Example:
        >>> ada, bob = (NamedRegion(name, RelativeBox(x, 0.2, 0.3, 0.4)) for name, x in (("Ada", 0.1), ("Bob", 0.6)))
        >>> match_faces([ada, bob], [(15, 25, 20, 30)], (100, 100))
        Matches(pairs=(Pair(region=0, face=0, ambiguous=False),), without_face=(1,))
    """
    width, height = size
    faces = [RelativeBox(x / width, y / height, wide / width, high / height) for x, y, wide, high in boxes]
    overlaps = {
        (number, face): region.box.overlap(box)
        for number, region in enumerate(regions)
        for face, box in enumerate(faces)
        if may_be_of(region.box, box)
    }
    pairs = _pairs(overlaps)
    found = {pair.region for pair in pairs}
    return Matches(tuple(pairs), tuple(number for number in range(len(regions)) if number not in found))


def may_be_of(box: RelativeBox, face: RelativeBox, middle: float = MIDDLE) -> bool:
    """Whether a box, as some program drew it, may be of a face, as the detector drew it."""
    larger, smaller = (box, face) if box.width * box.height >= face.width * face.height else (face, box)
    times = math.sqrt(larger.width * larger.height / max(smaller.width * smaller.height, 1e-12))
    (x, y), (at_x, at_y) = larger.centre, smaller.centre
    apart = max(abs(x - at_x) / (larger.width / 2), abs(y - at_y) / (larger.height / 2))
    return apart <= middle and times <= MOST_TIMES


def _pairs(overlaps: dict[tuple[int, int], float]) -> list[Pair]:
    regions, faces = ({pair[at] for pair in overlaps} for at in (0, 1))
    if len(regions) == len(faces) == len(overlaps):  # as in most photos: there is nothing to choose
        return [Pair(*pair) for pair in sorted(overlaps)]
    import networkx

    graph = networkx.Graph()
    for (region, face), overlap in overlaps.items():
        graph.add_edge(("region", region), ("face", face), weight=overlap)
    matched = [sorted(pair, reverse=True) for pair in networkx.max_weight_matching(graph)]
    chosen = {(region, face) for (_, region), (_, face) in matched}
    return [Pair(*pair, _made_up(pair, chosen, overlaps) >= SURE * overlaps[pair]) for pair in sorted(chosen)]


def _made_up(pair: tuple[int, int], chosen: set[tuple[int, int]], overlaps: dict[tuple[int, int], float]) -> float:
    """The most overlap that others would have instead of a pair: with those left over, or in exchange with a pair."""
    region, face = pair
    taken_regions, taken_faces = ({one[at] for one in chosen} for at in (0, 1))
    face_left = (overlap for (one, at), overlap in overlaps.items() if one == region and at not in taken_faces)
    region_left = (overlap for (one, at), overlap in overlaps.items() if at == face and one not in taken_regions)
    exchanged = (
        overlaps[region, other[1]] + overlaps[other[0], face] - overlaps[other]
        for other in chosen
        if (region, other[1]) in overlaps and (other[0], face) in overlaps and other != pair
    )
    return max(max(face_left, default=0.0) + max(region_left, default=0.0), *exchanged, 0.0)

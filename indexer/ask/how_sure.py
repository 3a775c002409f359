"""How sure an answer is of a resemblance: the rarities that other photos of the same two people would give.

One photo shows a face in one light, from one side, in one mood. Each side of a resemblance is a sample of its person's
photos, and so the similarity has a standard error, which grows with their blur and falls with their number. Here it
becomes an interval of rarity and one of three words, for every row of every answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from niteru.engine.faces.quality import least_blur
from niteru.indexer.catalog.rows import FaceRow
from niteru.indexer.generations.rarity_calibration import Calibration

HowSure = Literal["sure", "fairly sure", "a guess"]
WORDS_OF_SURENESS: tuple[HowSure, ...] = get_args(HowSure)
SURE, FAIRLY_SURE = 10.0, 100.0
"""Factors that the interval spans at most: one grade of resemblance, two grades (grades are decades of rarity)."""
_FOUR_IN_FIVE = 1.2816
"""Standard errors on either side of the similarity: four answers in five lie between."""
_USUAL_PHOTOS = 4
"""Photos of one's own that the model's usual spread counts as: two or three alone would often agree by chance."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Interval that the rarity lies in, four times in five, by all photos of the two people.

    Attributes:
        rarest: its smaller end, a share of pairs.
        most_common: its larger end.
    """

    rarest: float
    most_common: float

    @property
    def how_sure(self) -> HowSure:
        """One word for it: sure where it spans less than a factor of 10, fairly sure less than 100, else a guess."""
        spans = self.most_common / self.rarest
        return "sure" if spans < SURE else "fairly sure" if spans < FAIRLY_SURE else "a guess"


def interval(rarity: Callable[[float], float], similarity: float, variance: float) -> Interval:
    """Interval of the rarity of a similarity with this variance.

    Args:
        rarity: function from similarity to rarity, of faces or of people.
        similarity: of the resemblance.
        variance: of the similarity, the sum of the two sides'; infinity if it is not known.

    Example:
        >>> found = interval(lambda similarity: 10 ** (-5 * similarity), 0.6, 0.05**2)
        >>> round(found.rarest, 6), round(found.most_common, 4), found.how_sure
        (0.000478, 0.0021, 'sure')
    """
    least, most = likely_similarities(np.array([similarity]), np.array([variance]))
    return Interval(rarity(float(most[0])), rarity(float(least[0])))


def likely_similarities(
    similarities: NDArray[np.float64], variances: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the most of which other photos of the same two would give, four times in five; float64 (m,)."""
    apart = _FOUR_IN_FIVE * np.sqrt(variances)
    return np.maximum(similarities - apart, -1.0), np.minimum(similarities + apart, 1.0)


def variance_of(similarities: NDArray[np.float32], usual: float, photos: int | None = None) -> float:
    """Variance of what one side's photos say together.

    For a mean the bootstrap over photos has a closed form: the variance among them, divided by their number. Among few
    photos the variance is itself uncertain, so the model's usual one counts as that of four more; it is all there is
    for a single photo.

    Args:
        similarities: of each photo of this side to the other side, float32 (n,), n ≥ 1.
        usual: the model's spread for such photos; infinity if it does not say.
        photos: number of photos, where the similarities are not of all; n by default.

    Returns:
        The variance; infinity for a single photo whose model says nothing.

    Example:
        >>> one, four = np.float32([0.5]), np.float32([0.4, 0.5, 0.5, 0.6])
        >>> round(variance_of(one, 0.08), 4), round(variance_of(four, 0.08), 4)
        (0.0064, 0.0016)
    """
    if len(similarities) == 1:
        return usual**2 / (photos or 1)
    own = float(((similarities - similarities.mean()) ** 2).sum())
    if math.isinf(usual):
        photos = None  # nothing is known of the others
    found = variance_of_one(np.array([own]), np.array([len(similarities)]), np.array([usual]))
    return float(found[0]) / (photos or len(similarities))


def variance_of_one(
    squares: NDArray[np.float64], photos: NDArray[np.int64], usual: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Variance of what one photo says, of each of several sides, float64 (m,); see :func:`variance_of`.

    Args:
        squares: sum of the squared deviations of each side's similarities, float64 (m,).
        photos: number of those similarities, int64 (m,).
        usual: the model's spread for such photos, float64 (m,); infinity if it does not say.
    """
    known = photos - 1
    alone = np.where(known > 0, squares / np.maximum(known, 1), np.inf)
    return np.where(np.isinf(usual), alone, (_USUAL_PHOTOS * usual**2 + squares) / (_USUAL_PHOTOS + known))


def usual_spread(calibration: Calibration, face: FaceRow) -> float:
    """The model's spread for photos like one of the gallery, of which only the reasons to doubt it are known."""
    return calibration.spread_of(least_blur(face.quality))


def rarity_as_dict(rarity: float, likely: Interval) -> dict[str, float | str]:
    """Describe a rarity and its interval for JSON and tables."""
    return {
        "rarity": float(f"{rarity:.3g}"),
        "rarity_from": float(f"{likely.rarest:.3g}"),
        "rarity_to": float(f"{likely.most_common:.3g}"),
        "how_sure": likely.how_sure,
    }

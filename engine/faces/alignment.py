"""Alignment of a face: a similarity transform from five landmarks to the 112×112 template.

The template is the one of ArcFace (Deng et al., 2019, https://arxiv.org/abs/1801.07698); the transform is the
least-squares solution of Umeyama, "Least-squares estimation of transformation parameters between two point
patterns", IEEE TPAMI 1991.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Pixels

Landmarks: TypeAlias = NDArray[np.float32]
"""Five points ``(x, y)`` in pixels, shape (5, 2): eyes, nose tip, corners of the mouth; the smaller x first."""

CROP_SIZE = 112
TEMPLATE: Landmarks = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)
# CelebA's own alignment at half size: published mean landmarks of the 178×218 pictures.
_CELEBA_HALF: Landmarks = np.array(
    [[34.7, 55.7], [54.0, 55.7], [44.0, 67.6], [35.5, 76.0], [52.9, 76.1]], dtype=np.float32
)
KNOWN_TEMPLATES: dict[tuple[int, int], Landmarks] = {
    (112, 112): TEMPLATE,
    (89, 109): _CELEBA_HALF,
    (178, 218): _CELEBA_HALF * 2,
}
"""Landmarks in the pictures of public aligned sets, by (width, height)."""


def similarity_transform(source: Landmarks, target: Landmarks) -> NDArray[np.float64]:
    """Least-squares rotation, scale and shift from ``source`` to ``target``.

    Args:
        source: points, shape (n, 2), n ≥ 2, not all equal.
        target: the points that they should become, shape (n, 2).

    Returns:
        float64 matrix of shape (2, 3), as :func:`cv2.warpAffine` takes it.

    Raises:
        ValueError: if all source points coincide.
    """
    a, b = np.asarray(source, np.float64), np.asarray(target, np.float64)
    centre_a, centre_b = a.mean(axis=0), b.mean(axis=0)
    a, b = a - centre_a, b - centre_b
    spread = float((a**2).sum())
    if spread < 1e-9:
        raise ValueError("the landmarks coincide")
    # In the plane, rotation and scale are one complex number: the regression of b on a.
    cosine = float((a * b).sum()) / spread
    sine = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / spread
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, centre_b - turn @ centre_a])


def align(image: Pixels, landmarks: Landmarks, size: int = CROP_SIZE) -> Pixels:
    """Cut the face out, upright and at the template's scale.

    Args:
        image: upright RGB picture, uint8, shape (height, width, 3).
        landmarks: five points in its pixels, shape (5, 2).
        size: side of the crop in pixels.

    Returns:
        uint8 RGB crop of shape (size, size, 3); black where it reaches past the picture.

    Example:
        >>> image = np.zeros((300, 200, 3), np.uint8)
        >>> image[150:] = 255
        >>> landmarks = np.float32([[70, 130], [130, 130], [100, 150], [75, 180], [125, 180]])
        >>> crop = align(image, landmarks)
        >>> crop.shape, int(crop[0, 56, 0]), int(crop[-1, 56, 0])
        ((112, 112, 3), 0, 255)
    """
    scale = size / CROP_SIZE
    return cut_out(image, similarity_transform(landmarks, TEMPLATE * np.float32(scale)), size)


MOST_AROUND = 0.4
"""Surroundings of a portrait beside, above and below its crop, as a share of the crop's side: the whole head."""


def surroundings(size: tuple[int, int], landmarks: Landmarks) -> float:
    """How much of a picture can be shown around a crop, as a share of the crop's side: at most :data:`MOST_AROUND`.

    Args:
        size: width and height of the upright picture.
        landmarks: five points in its pixels, shape (5, 2).

    Returns:
        What is there on all four sides; 0 for a crop that reaches past the picture.
    """
    matrix = similarity_transform(landmarks, TEMPLATE)
    back = np.linalg.inv(matrix[:, :2])
    middle = back @ (CROP_SIZE / 2 - matrix[:, 2])
    reach = np.abs(back).sum(axis=1) * CROP_SIZE / 2  # of the crop's corners from its middle, along the picture's sides
    room = np.minimum(middle, np.array(size) - middle)
    return float(np.clip(((room / reach).min() - 1) / 2, 0, MOST_AROUND))


def portrait(image: Pixels, landmarks: Landmarks, side: int, around: float) -> Pixels:
    """Cut a face out with its surroundings, upright, the crop in the middle.

    Args:
        image: upright RGB picture, uint8, shape (height, width, 3).
        landmarks: five points in its pixels, shape (5, 2).
        side: of the portrait in pixels.
        around: see :func:`surroundings`.

    Returns:
        uint8 RGB of shape (side, side, 3); where a crop reaches past the picture, its edge goes on.
    """
    scale = side / (CROP_SIZE * (1 + 2 * around))
    target = (TEMPLATE + np.float32(around * CROP_SIZE)) * np.float32(scale)
    return cut_out(image, similarity_transform(landmarks, target), side, cv2.BORDER_REPLICATE)


def cut_out(image: Pixels, matrix: NDArray[np.float64], size: int, border: int = cv2.BORDER_CONSTANT) -> Pixels:
    """Warp a square out of a picture.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        matrix: rotation, uniform scale and shift from the picture to the square, shape (2, 3).
        size: side of the square in pixels.
        border: what is shown past the picture, as OpenCV calls it: by default black.

    Returns:
        uint8 RGB of shape (size, size, 3).
    """
    image, matrix = _surroundings(image, matrix, size)
    shrink = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if shrink < 0.5:
        # A warp samples single pixels: average large faces down to about twice the final size first.
        image = np.asarray(
            cv2.resize(image, None, fx=2 * shrink, fy=2 * shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
        matrix[:, :2] /= 2 * shrink
    return cv2.warpAffine(  # type: ignore[return-value]
        image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border
    )


def _surroundings(image: Pixels, matrix: NDArray[np.float64], size: int) -> tuple[Pixels, NDArray[np.float64]]:
    """The part of a picture that the crop shows: a warp refuses sides over 32,767 pixels, and less is faster."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float64)
    shown = (corners - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    margin = 4 / float(np.hypot(matrix[0, 0], matrix[1, 0]))
    limit = np.array(image.shape[1::-1])
    start = np.clip(np.floor(shown.min(axis=0) - margin), 0, limit - 1).astype(int)
    end = np.clip(np.ceil(shown.max(axis=0) + margin), start + 1, limit).astype(int)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ start
    return image[start[1] : end[1], start[0] : end[0]], moved


def as_crop(image: Pixels) -> Pixels:
    """Fit a picture that is a face crop already to the template.

    Pictures with the size of a public aligned set are mapped by its landmarks; any other picture is scaled whole.

    Args:
        image: RGB crop, uint8, shape (height, width, 3).

    Returns:
        uint8 RGB crop of shape (112, 112, 3).
    """
    height, width = image.shape[:2]
    if (width, height) == (CROP_SIZE, CROP_SIZE):
        return image
    if (width, height) in KNOWN_TEMPLATES:
        return align(image, KNOWN_TEMPLATES[width, height])
    how = cv2.INTER_AREA if min(width, height) > CROP_SIZE else cv2.INTER_LINEAR
    return cv2.resize(image, (CROP_SIZE, CROP_SIZE), interpolation=how)  # type: ignore[return-value]

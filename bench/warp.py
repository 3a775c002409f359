"""Crops by OpenCV beside crops by Pillow: how alike their vectors are, and what a crop costs.

``python -m bench.warp``, a minute: 40 drawn people. OpenCV is two fifths of an installation (docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from niteru.engine import Pixels
from niteru.engine.drawn import draw, person
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.alignment import CROP_SIZE, TEMPLATE, Landmarks, align, similarity_transform

PEOPLE, SIZES, TIMES = 40, (0.5, 1.0, 3.0), 20


def by_pillow(image: Pixels, landmarks: Landmarks) -> Pixels:
    """The same crop by Pillow: an average down to twice the final size, then a bilinear warp."""
    matrix, picture = similarity_transform(landmarks, TEMPLATE), Image.fromarray(image)
    shrink = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if shrink < 0.5:
        size = round(picture.width * 2 * shrink), round(picture.height * 2 * shrink)
        picture, matrix[:, :2] = picture.resize(size, Image.Resampling.BOX), matrix[:, :2] / (2 * shrink)
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    # Pillow counts from the corners of pixels, OpenCV from their middles.
    back[:, 2] += 0.5 - back[:, :2].sum(axis=1) / 2
    side = (CROP_SIZE, CROP_SIZE)
    return np.asarray(
        picture.transform(side, Image.Transform.AFFINE, tuple(back.ravel()), Image.Resampling.BILINEAR), np.uint8
    )


def ms_of(crop: Callable[[Pixels, Landmarks], Pixels], faces: list[tuple[Pixels, Landmarks]]) -> float:
    """Processor time of one crop in milliseconds."""
    start = process_time()
    for _ in range(TIMES):
        for image, landmarks in faces:
            crop(image, landmarks)
    return 1000 * (process_time() - start) / (TIMES * len(faces))


def sized(image: Pixels, landmarks: Landmarks, factor: float) -> tuple[Pixels, Landmarks]:
    """A picture and its landmarks, larger or smaller."""
    size = round(image.shape[1] * factor), round(image.shape[0] * factor)
    larger: NDArray[np.uint8] = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS), np.uint8)
    return larger, np.asarray(landmarks * factor, np.float32)


def main() -> None:
    """Print a line for each size."""
    drawings, embed = [draw(person(number), 0) for number in range(PEOPLE)], Embedder().embed
    for factor in SIZES:
        faces = [sized(drawing.image, drawing.landmarks, factor) for drawing in drawings]
        one, other = (embed(np.stack([crop(*face) for face in faces])) for crop in (align, by_pillow))
        cosines = (one * other).sum(axis=1)
        print(  # noqa: T201
            f"{factor:g} times the size: cosine {np.median(cosines):.4f}, least {cosines.min():.4f}; a crop takes "
            f"{ms_of(align, faces[:20]):.2f} ms by OpenCV, {ms_of(by_pillow, faces[:20]):.2f} ms by Pillow"
        )


if __name__ == "__main__":
    main()

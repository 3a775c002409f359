"""Pictures for people to look at: faces marked in a photo, and sheets of captioned tiles."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from niteru.engine import Pixels
from niteru.engine.faces.face import Face

GOOD, DOUBTFUL, INK = (40, 220, 90), (255, 150, 30), (255, 255, 255)
CAPTION = 16
WRITTEN = (".png", ".jpg", ".jpeg", ".webp")


def mark_faces(image: Pixels, faces: list[tuple[Face, str, bool]]) -> Pixels:
    """Copy a photo and draw each face's box, landmarks and line of text: green where ``True``, else orange."""
    marked = image.copy()
    # Thick enough to be seen when a large photo is shown small.
    thick = max(1, round(max(image.shape[:2]) / 500))
    for face, text, good in faces:
        tone = GOOD if good else DOUBTFUL
        x, y, width, height = face.box
        cv2.rectangle(marked, (x, y), (x + width, y + height), tone, thick, cv2.LINE_AA)
        for point in face.landmarks:
            cv2.circle(marked, (round(float(point[0])), round(float(point[1]))), 2 * thick, tone, -1, cv2.LINE_AA)
        _write(marked, text, (max(0, x), max(12 * thick, y - 3 * thick)), 0.4 * thick, tone)
    return marked


def contact_sheet(tiles: list[tuple[Pixels, str]], columns: int = 8, side: int = 128) -> Pixels:
    """Arrange pictures in a grid, each fitted into a square with its caption below; uint8 RGB.

    Args:
        tiles: at least one picture, uint8 RGB of any size, with its caption.
        columns: number of pictures side by side.
        side: side of a square in pixels.
    """
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (side + CAPTION), columns * side, 3), 32, np.uint8)
    for number, (picture, caption) in enumerate(tiles):
        top, left = number // columns * (side + CAPTION), number % columns * side
        scale = side / max(picture.shape[:2])
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        fitted = cv2.resize(picture, size, interpolation=how)
        sheet[top : top + size[1], left : left + size[0]] = fitted
        _write(sheet, caption[: side // 6], (left + 2, top + side + 12), 0.35, INK)
    return sheet


def save_picture(file: Path, image: Pixels) -> None:
    """Write a picture, uint8 RGB, in the format that the file's suffix names.

    Raises:
        ValueError: the suffix names no format that can be written.
        OSError: the file cannot be written.
    """
    if file.suffix.lower() not in WRITTEN:
        raise ValueError(f"{file}: the name of a picture must end in {', '.join(WRITTEN)}")
    _, data = cv2.imencode(file.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    file.write_bytes(data.tobytes())


def _write(image: Pixels, text: str, where: tuple[int, int], size: float, tone: tuple[int, int, int]) -> None:
    plain = text.encode("ascii", "replace").decode()
    weight = max(1, round(size * 2))
    cv2.putText(image, plain, where, cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), weight + 2, cv2.LINE_AA)
    cv2.putText(image, plain, where, cv2.FONT_HERSHEY_SIMPLEX, size, tone, weight, cv2.LINE_AA)

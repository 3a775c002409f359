"""Drawings of people, each drawn once: it takes longer than most tests do.

They are kept below ``.pytest_cache`` for all tests, all their processes and the runs to come, until the code that draws
them changes.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

import cv2
import numpy as np

import niteru.engine.drawn
from niteru.engine.drawn import Drawing, draw, person, write_people
from niteru.engine.drawn.photo import locate

KEPT = Path(__file__).parents[2] / ".pytest_cache" / "drawings"


def drawn(number: int, photo: int = 0) -> Drawing:
    """What ``draw(person(number), photo)`` gives."""
    who, file = person(number), _folder() / f"{number}-{photo}.png"
    if not file.exists():
        image = draw(who, photo).image
        aside = file.with_suffix(f".{os.getpid()}.png")  # two processes may draw the same at once
        aside.write_bytes(_encoded(image, ".png"))
        aside.replace(file)
    image = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
    return Drawing(image, *locate(who, photo))


def draw_folder(folder: Path, people: int, photos: int) -> list[Path]:
    """What ``write_people(folder, people, photos)`` writes and yields."""
    for number in range(people):
        name = person(number).name
        (folder / name).mkdir(parents=True, exist_ok=True)
        for photo in range(photos):
            picture = _encoded(drawn(number, photo).image, ".jpg", cv2.IMWRITE_JPEG_QUALITY, 92)
            (folder / name / f"{name}_{photo + 1:04d}.jpg").write_bytes(picture)
    return list(write_people(folder, people, photos, workers=1))


def _encoded(image: np.ndarray, suffix: str, *options: int) -> bytes:
    return cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1].tobytes()


@functools.cache
def _folder() -> Path:
    mark = hashlib.sha256(f"{cv2.__version__} {np.__version__}".encode())
    for source in sorted(Path(niteru.engine.drawn.__file__).parent.glob("*.py")):
        mark.update(source.read_bytes())
    folder = KEPT / mark.hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    return folder

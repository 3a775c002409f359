"""Aligned crops of drawn people, in memory and in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np


@dataclass(frozen=True)
class DrawnFolder:
    """Folder of aligned crops of drawn people; names in the order of the people."""

    folder: Path
    names: list[str]

    def ref(self, who: int, photo: int = 1) -> str:
        name = self.names[who]
        return f"{name}/{name}_{photo:04d}.png"


def write_image(file: Path, rgb: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(cv2.imencode(file.suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes())


def write_crops(folder: Path, crops: dict[str, list[np.ndarray]]) -> DrawnFolder:
    """Write people's crops as ``NAME/NAME_0001.png``."""
    for name, own in crops.items():
        for number, crop in enumerate(own, start=1):
            write_image(folder / name / f"{name}_{number:04d}.png", crop)
    return DrawnFolder(folder, list(crops))

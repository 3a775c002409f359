"""Small faces in large pictures: how many are found, what is found besides, in what time and memory.

``python -m bench.detector_sizes FACES`` prints JSON. The pictures are made of the photographs in FACES, whose faces a
``landmarks.csv`` there or beside it gives. Each is looked at in a process of its own, on one thread: seconds are those
of the processor, of the median of three looks; memory is what the first look takes beyond the picture and the network.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import process_time

import click
import numpy as np

from bench.crowds import Shown, crowd, photographed_heads
from niteru.engine.faces.detector import load_detector

HEADS, LOOKS = 240, 3
Made = Callable[[list[Shown]], Shown]
PICTURES: dict[str, Made] = {
    "one face of 68 px in 7000×400": lambda heads: crowd(heads, (7000, 400), 1, (68, 68)),
    "one face of 68 px in 400×7000": lambda heads: crowd(heads, (400, 7000), 1, (68, 68)),
    "20 faces of 40–90 px in 12000×300": lambda heads: crowd(heads, (12_000, 300), 20, (40, 90)),
    "40 faces of 30–160 px in 49000×490": lambda heads: crowd(heads, (49_000, 490), 40, (30, 160)),
    "240 faces of 60–120 px in 6000×4000": lambda heads: crowd(heads, (6000, 4000), 240, (60, 120)),
    "the same on its side": lambda heads: crowd(heads, (6000, 4000), 240, (60, 120)).quarter_turn(),
    "240 faces of 30 px in 6000×4000": lambda heads: crowd(heads, (6000, 4000), 240, (30, 30)),
    "240 faces of 24 px in 6000×4000": lambda heads: crowd(heads, (6000, 4000), 240, (24, 24)),
    "one face of 1,000 px in 4000×3000": lambda heads: crowd(heads, (4000, 3000), 1, (1000, 1000)),
    "one face of 1,800 px in 6000×4000": lambda heads: crowd(heads, (6000, 4000), 1, (1800, 1800)),
    "no face in 6000×4000": lambda heads: crowd(heads, (6000, 4000), 0, (1, 1)),
}


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
def main(faces: Path) -> None:
    """Measure on pictures made of the photographs in FACES."""
    results = {}
    for name in PICTURES:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
            results[name] = alone.submit(_measured, name, faces).result()
    json.dump(results, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


def _measured(name: str, faces: Path) -> dict[str, float]:
    shown, detector = PICTURES[name](photographed_heads(faces, HEADS)), load_detector()
    detector.detect(np.zeros((64, 64, 3), np.uint8))
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    found, besides = shown.count(detector.detect(shown.image))
    peak = _memory("VmHWM") - before
    seconds = []
    for _ in range(LOOKS):
        start = process_time()
        detector.detect(shown.image)
        seconds.append(process_time() - start)
    return {"found": found, "besides": besides, "seconds": round(statistics.median(seconds), 2), "mebibytes": peak}


def _memory(which: str) -> int:
    """Memory of this process in MiB, as Linux tells it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(which))


if __name__ == "__main__":
    main()

"""Where the time of a command goes that answers one photo and ends: ``python -m bench.start PHOTO [GALLERY]``.

Processes take turns, so that a busy moment affects them all; the libraries are the least that any answer needs.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

TURNS = 20
LIBRARIES = ("numpy", "cv2", "faiss", "ai_edge_litert.interpreter")


def commands(photo: Path, gallery: Path) -> dict[str, list[str]]:
    """What is measured, by name."""
    python = [sys.executable, "-c"]
    asked = [str(Path(sys.executable).with_name("niteru")), "similar", str(photo), "--gallery", str(gallery)]
    return {
        "python alone": [*python, "pass"],
        **{f"import {name}": [*python, f"import {name}"] for name in LIBRARIES},
        "import all of these": [*python, f"import {', '.join(LIBRARIES)}"],
        "import what niteru similar needs": [*python, "import gc; gc.disable(); import niteru.scripts.similar"],
        "niteru similar": asked,
    }


def spent(command: list[str]) -> tuple[float, float]:
    """Seconds by the clock, and of processors, that a command takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("gallery", type=Path, nargs="?", default=Path("gallery"))
    asked = parser.parse_args()
    measured = commands(asked.photo, asked.gallery)
    turns = [{name: spent(command) for name, command in measured.items()} for _ in range(TURNS)]
    sys.stdout.write("| | seconds | least | core-seconds | least |\n|---|---|---|---|---|\n")
    for name in measured:
        walls, cores = zip(*(turn[name] for turn in turns), strict=True)
        figures = (statistics.median(walls), min(walls), statistics.median(cores), min(cores))
        sys.stdout.write(f"| {name} | {' | '.join(f'{one:.3f}' for one in figures)} |\n")
    sys.stdout.write(f"\nmedians of {TURNS}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")


if __name__ == "__main__":
    main()

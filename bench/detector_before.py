"""The detector of this tree beside that of another one: core milliseconds a photo, in turns.

``python -m bench.detector_before OTHER FACES [--photos 100]`` prints JSON; OTHER is a checkout, of the last release for
example. Each tree has a process of its own, on one thread; both look at each photo in turn, each first at every other.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import click

from niteru.engine.photos.faces_folder import list_photos
from niteru.engine.work.progress import progress_bar

HERE = Path(__file__).parents[1]
_DETECT = """
import sys
from pathlib import Path
from time import thread_time
import cv2
from niteru.engine.faces.detector import load_detector
from niteru.engine.photos.decode import decode
cv2.setNumThreads(1)
detector = load_detector()
print(detector.name, flush=True)
for line in sys.stdin:
    image = decode(Path(line.rstrip("\\n")))
    start = thread_time()
    detector.detect(image)
    print((thread_time() - start) * 1000, flush=True)
"""


@click.command()
@click.argument("other", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
@click.option("--photos", type=int, default=100, show_default=True, help="Photos, spread over FACES.")
def main(other: Path, faces: Path, photos: int) -> None:
    """Time both on photos of FACES."""
    listed = [photo.on_disk for photo in list_photos(faces).photos]
    chosen = listed[:: max(1, len(listed) // photos)][:photos]
    before, now = _process(other), _process(HERE)
    names = {"before": _answer(before), "now": _answer(now)}
    times: list[tuple[float, float]] = []
    with progress_bar("timing", len(chosen), "photo") as bar:
        for number, photo in enumerate(chosen):
            order = (before, now) if number % 2 else (now, before)
            took = {process: _time(process, photo) for process in order}
            times.append((took[before], took[now]))
            bar.update()
    for process in (before, now):
        process.communicate()
    earlier, later = zip(*times[1:], strict=True)  # the first photo is slow for both
    figures = {
        "detectors": names,
        "photos": len(later),
        "milliseconds": {"before": statistics.median(earlier), "now": statistics.median(later)},
        "ratio_of_medians": statistics.median(later) / statistics.median(earlier),
        "ratio_of_sums": sum(later) / sum(earlier),
    }
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _process(tree: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree.resolve()), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-c", _DETECT]
    return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _time(process: subprocess.Popen[str], photo: Path) -> float:
    assert process.stdin is not None
    process.stdin.write(f"{photo}\n")
    process.stdin.flush()
    return float(_answer(process))


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


if __name__ == "__main__":
    main()

"""The detector compared with MTCNN on the same photos: recall, boxes that MTCNN lacks, landmarks, and milliseconds.

``python -m bench.detector FACES [--timed 60] [--sheets folder]`` prints JSON. The reference is the ``landmarks.csv`` in
FACES or beside it. Times are medians of interleaved runs on one thread.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import click

from niteru.engine import Pixels
from niteru.engine.faces.contact_sheet import contact_sheet, mark_faces, save_picture
from niteru.engine.faces.detector import NetworkDetector
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import find_table, read_table
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import list_photos
from niteru.engine.training.detector.measure import compare
from niteru.engine.work.progress import progress_bar

COLD_STARTS = 5
_FIND_ONE = """
import sys
from pathlib import Path
from niteru.engine.faces.detector import load_detector
from niteru.engine.photos.decode import decode
load_detector().detect(decode(Path(sys.argv[1])))
"""


@click.command()
@click.argument("faces", type=click.Path(exists=True, path_type=Path))
@click.option("--timed", type=int, default=60, show_default=True, help="Photos on which both are timed; 0 for none.")
@click.option("--model", type=click.Path(path_type=Path), help="Model folder of another detector.")
@click.option(
    "--sheets", type=click.Path(path_type=Path), help="Folder for pictures of faces that only one of them finds."
)
def main(faces: Path, timed: int, model: Path | None, sheets: Path | None) -> None:
    """Compare both on the photos of FACES."""
    photos = list_photos(faces).photos
    table = find_table(faces)
    if table is None:
        raise click.UsageError(f"there is no landmarks.csv in {faces} or beside it")
    known = read_table(table)
    detector = NetworkDetector(model)
    agreement = compare(detector, photos, known)
    results: dict[str, object] = {"detector": detector.name, **agreement.figures()}
    if timed:
        chosen = photos[:: max(1, len(photos) // timed)][:timed]
        results["milliseconds"] = _times(detector, [decode(photo.path) for photo in chosen])
        results["cold_start_s"] = _cold_start(photos[0].on_disk)
    if sheets:
        sheets.mkdir(parents=True, exist_ok=True)
        for name, cases in (("extra", agreement.extra), ("missed", agreement.missed)):
            tiles = [(_around(decode(faces / ref), face), ref) for ref, face in cases]
            if tiles:
                save_picture(sheets / f"{name}.png", contact_sheet(tiles, columns=10))
    json.dump(results, sys.stdout, indent=1)
    sys.stdout.write("\n")


def _times(detector: NetworkDetector, images: list[Pixels]) -> dict[str, float]:
    """Median milliseconds of both for a photo, taken in turns, without the first photo."""
    from niteru.engine.training.detector.mtcnn import Mtcnn

    teacher = Mtcnn()
    ours: list[float] = []
    theirs: list[float] = []
    with progress_bar("timing", len(images), "photo") as bar:
        for image in images:
            for finds, times in ((detector.detect, ours), (teacher.detect, theirs)):
                start = perf_counter()
                finds(image)
                times.append((perf_counter() - start) * 1000)
            bar.update()
    mine, other = statistics.median(ours[1:]), statistics.median(theirs[1:])
    return {"niteru": round(mine, 2), "mtcnn": round(other, 2), "ratio": round(other / mine, 1)}


def _cold_start(photo: Path) -> float:
    """Median seconds of a fresh process that imports, loads, and finds the faces in one photo."""
    seconds = []
    for _ in range(COLD_STARTS):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", _FIND_ONE, str(photo)], check=True, capture_output=True)
        seconds.append(perf_counter() - start)
    return round(statistics.median(seconds), 2)


def _around(image: Pixels, face: Face) -> Pixels:
    """Cut out a marked face with its surroundings."""
    x, y, width, height = face.box
    marked = mark_faces(image, [(face, f"{face.score:.2f}", True)])
    top, left = max(0, y - height), max(0, x - width)
    return marked[top : y + 2 * height, left : x + 2 * width]


if __name__ == "__main__":
    main()

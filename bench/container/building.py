"""An image made by carrying out a Dockerfile's instructions, stage by stage."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.container.dockerfile import Stage, context, variables
from bench.container.root import Root, bare_debian

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OF_RUNNING = {"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "USER", "VOLUME", "WORKDIR"}
"""Instructions that matter once the image is run; Running reads them."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an instruction took.

    Attributes:
        text: beginning of the instruction.
        seconds: time.
        added_mb: what it added to its layer, in MB.
    """

    text: str
    seconds: float
    added_mb: float


@dataclass(frozen=True, slots=True)
class Image:
    """A root, and the environment of whatever runs in it.

    Attributes:
        stage: the stage of the Dockerfile that it was made by.
        root: its file system.
        environment: its environment variables.
        steps: what making it took.
    """

    stage: Stage
    root: Root
    environment: dict[str, str]
    steps: list[Step]


def build(stages: list[Stage], folder: Path) -> Image:
    """Make the image of the last stage.

    Args:
        stages: stages of the Dockerfile.
        folder: folder for the layers.

    Raises:
        StepFailed: a command failed.
        ValueError: an instruction is of a kind that is not known here.
    """
    made: dict[str, Image] = {}
    for number, stage in enumerate(stages):
        release = stage.base.removeprefix("debian:").removesuffix("-slim")
        image = Image(stage, Root(folder / f"stage-{number}").begin(bare_debian(release)), {"PATH": PATH}, [])
        arguments: dict[str, str] = {}
        for step in stage.steps:
            if step.name not in OF_RUNNING:
                _carry_out(image, step.name, step.value, arguments, made)
        made[stage.name] = image
    return image


def _carry_out(image: Image, name: str, value: str, arguments: dict[str, str], made: dict[str, Image]) -> None:
    start, before = perf_counter(), image.root.size_mb()
    match name:
        case "RUN":
            image.root.run(value, {**image.environment, **arguments})
        case "COPY":
            _copy(image, value, made)
        case "ENV":
            image.environment.update(variables(value, image.environment))
        case "ARG":
            arguments.update(variables(value, arguments))
        case _:
            raise ValueError(f"bench.container does not know the instruction {name}")
    text = f"{name} {' '.join(value.split())}"
    image.steps.append(Step(text[:70], perf_counter() - start, image.root.size_mb() - before))


def _copy(image: Image, value: str, made: dict[str, Image]) -> None:
    *options, source, target = value.split()
    there = image.root.path / target.lstrip("/")
    if options:
        files = [made[options[0].removeprefix("--from=")].root.path / source.lstrip("/")]
        there = there.parent
    else:
        files = context()
    there.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "--archive", *map(str, files), str(there)], check=True)
    if not options:
        for cached in there.rglob("__pycache__"):
            shutil.rmtree(cached)

"""Reader of deploy/Dockerfile: its stages, and what an image of its last one does when it is run."""

from __future__ import annotations

import io
import json
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from dockerfile_parse import DockerfileParser

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A line of a Dockerfile, such as ``RUN`` and its command."""

    name: str
    value: str


@dataclass(slots=True)
class Stage:
    """A ``FROM`` and what follows it.

    Attributes:
        base: name of the image that the stage begins with.
        name: the stage's own name, or "".
        steps: the instructions, in their order.
    """

    base: str
    name: str
    steps: list[Instruction] = field(default_factory=list)

    def last(self, name: str) -> str:
        """Value of the last instruction of that name.

        Raises:
            KeyError: there is none.
        """
        values = [step.value for step in self.steps if step.name == name]
        if not values:
            raise KeyError(f"the last stage of the Dockerfile has no {name}")
        return values[-1]


def stages(file: Path = DOCKERFILE) -> list[Stage]:
    """Read the stages of a Dockerfile, the one that becomes the image last."""
    found: list[Stage] = []
    for row in DockerfileParser(fileobj=io.BytesIO(file.read_bytes())).structure:
        name, value = row["instruction"], row["value"]
        if name == "FROM":
            base, *called = value.split()
            found.append(Stage(base, called[1] if called else ""))
        elif name != "COMMENT":
            found[-1].steps.append(Instruction(name, value))
    return found


def words(value: str) -> list[str]:
    """Words of a command in the exec form, ``["niteru", "serve"]``, which runs without a shell."""
    command: list[str] = json.loads(value)
    return command


def variables(value: str, known: dict[str, str]) -> dict[str, str]:
    """Variables of an ``ENV`` or ``ARG``, with those that are known put in."""
    pairs = (word.partition("=") for word in shlex.split(value))
    return {name: Template(text).safe_substitute(known) for name, _, text in pairs}


def health_command(stage: Stage) -> list[str]:
    """Words of the command after ``HEALTHCHECK … CMD``."""
    return words(stage.last("HEALTHCHECK").partition("CMD")[2])


def context() -> list[Path]:
    """What ``COPY . …`` copies: files and folders at the root that .dockerignore lets in.

    Raises:
        ValueError: .dockerignore does not begin by leaving everything out.
    """
    lines = (REPOSITORY / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    if rules[0] != "*":
        raise ValueError(".dockerignore must begin with *, so that no photo gets into an image")
    return [REPOSITORY / rule[1:] for rule in rules if rule.startswith("!")]

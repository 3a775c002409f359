"""deploy/: what its files say of each other and of niteru. `make try-container` carries the Dockerfile out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("dockerfile_parse", reason="pip install 'niteru-faces[dev]'")

from bench.container.dockerfile import context, health_command, stages, variables, words
from niteru.scripts.cli import niteru

DEPLOY = Path(__file__).parents[1] / "deploy"
IMAGE = stages()[-1]


def services(file: str) -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / file).read_text())["services"]


def niterus(file: str) -> dict[str, Any]:
    return {name: service for name, service in services(file).items() if "build" in service}


def places(service: dict[str, Any]) -> set[str]:
    """Where the service's volumes are seen."""
    return {volume.removesuffix(":ro").rpartition(":")[2] for volume in service["volumes"]}


def test_the_image_starts_a_command_of_niteru_without_a_shell() -> None:
    assert words(IMAGE.last("ENTRYPOINT")) == ["niteru"]
    verb, *options = words(IMAGE.last("CMD"))
    command = niteru.get_command(None, verb)  # type: ignore[arg-type]
    assert command is not None
    assert command.make_context(verb, options, resilient_parsing=True).params["host"] == "0.0.0.0"
    assert health_command(IMAGE)[0] == "python3"


def test_the_image_runs_as_nobody_who_can_do_harm() -> None:
    user, _, group = IMAGE.last("USER").partition(":")
    assert int(user) >= 1000
    assert int(group) >= 1000, "by number, so that Kubernetes can check it"


def test_only_what_niteru_is_made_of_gets_into_the_image() -> None:
    names = {path.name for path in context()}
    assert all(path.exists() for path in context())
    assert {"pyproject.toml", "setup.py", "niteru", "engine", "indexer", "serve", "scripts"} <= names
    assert not names & {"tests", "bench", "deploy", "gallery", "photos", ".git", ".venv"}


def test_nothing_but_the_environment_is_taken_from_the_first_stage() -> None:
    (copied,) = [step.value for step in IMAGE.steps if step.name == "COPY"]
    assert copied == "--from=build /opt/niteru /opt/niteru"
    commands = " ".join(step.value for step in IMAGE.steps if step.name == "RUN")
    assert "pip" not in commands


def test_compose_gives_the_image_every_place_that_it_writes_to() -> None:
    (service,) = niterus("compose.yaml").values()
    assert places(service) == {*words(IMAGE.last("VOLUME")), "/photos"}
    assert [volume for volume in service["volumes"] if volume.endswith("/photos:ro")]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["ports"] == ["127.0.0.1:8000:8000"], "this machine alone"


def test_with_milvus_whatever_does_not_serve_is_not_asked_for_its_health() -> None:
    found = niterus("milvus.yaml")
    assert set(found) == {"service", "scheduler", "worker", "index"}
    for name, service in found.items():
        assert (service.get("healthcheck") == {"disable": True}) is (name != "service"), name


def test_variables_are_put_into_later_ones() -> None:
    assert variables('PATH="/opt/bin:$PATH" HOME=/home', {"PATH": "/bin"}) == {"PATH": "/opt/bin:/bin", "HOME": "/home"}

"""``/openapi.json`` for those who write programs by it: names of operations, words and examples for all they send."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from niteru.serve.http.judgements import JudgementSchema
from niteru.serve.http.naming_schemas import SaidSchema

METHODS = ("get", "post", "delete")
BODIES = {"name_faces": SaidSchema, "judge_likeness": JudgementSchema}
"""Schemas of the bodies in JSON."""


class Operation(NamedTuple):
    method: str
    path: str
    said: dict[str, Any]
    parameters: list[dict[str, Any]]


def operations(description: dict[str, Any]) -> Iterator[Operation]:
    for path, item in description["paths"].items():
        for method in METHODS:
            if method in item:
                of_both = item.get("parameters", [])
                yield Operation(method, path, item[method], [*of_both, *item[method].get("parameters", [])])


@pytest.fixture(scope="module")
def description(asked: FlaskClient) -> dict[str, Any]:
    return asked.get("/openapi.json").json


def test_operations_have_names_of_their_own_that_say_what_is_done(
    asked: FlaskClient, description: dict[str, Any]
) -> None:
    names = [one.said["operationId"] for one in operations(description)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []
    described = {(one.method, re.sub(r"\{\w+\}", "*", one.path)) for one in operations(description)}
    pages = ("static", "pages.")
    routes = {
        (method.lower(), re.sub(r"<[^>]+>", "*", rule.rule))
        for rule in asked.application.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS") and not rule.endpoint.startswith(pages) and rule.endpoint != "openapi"
    }
    assert described == routes, "all that is answered is described"


def test_operations_are_told_of_in_words(description: dict[str, Any]) -> None:
    tags = {tag["name"]: tag["description"] for tag in description["tags"]}
    for one in operations(description):
        assert one.said["summary"][0].isupper(), one.path
        assert one.said["summary"].endswith("."), one.path
        assert all(tags[tag] for tag in one.said["tags"]), one.path
        assert len(one.said["tags"]) == 1, one.path


def test_parameters_have_words_and_examples(description: dict[str, Any]) -> None:
    for one in operations(description):
        for parameter in one.parameters:
            schema = parameter["schema"]
            assert parameter["description"].endswith("."), (one.path, parameter["name"])
            usual = schema.get("default") not in (None, "", [])
            if "pattern" in schema and schema.get("default") is not None:
                assert re.search(schema["pattern"], schema["default"]), (one.path, parameter["name"])
            assert r"\Z" not in schema.get("pattern", ""), "which JavaScript takes for a Z"
            shown = usual or "enum" in schema or schema.get("examples") or "example" in parameter
            assert shown, (one.path, parameter["name"])


def test_bodies_have_examples_that_the_service_takes(asked: FlaskClient, description: dict[str, Any]) -> None:
    bodies = {
        one.said["operationId"]: body["application/json"]["example"]
        for one in operations(description)
        if "application/json" in (body := one.said.get("requestBody", {}).get("content", {}))
    }
    assert set(bodies) == set(BODIES)
    for name, example in bodies.items():
        assert BODIES[name]().load(example), name


def test_every_failure_is_a_problem(description: dict[str, Any]) -> None:
    assert "Error" not in description["components"]["schemas"]
    for one in operations(description):
        for status, reply in one.said["responses"].items():
            if status.startswith(("4", "5")):
                assert list(reply["content"]) == ["application/problem+json"], (one.path, status)

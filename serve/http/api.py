"""Declaration of routes: what they accept and which problems they answer with, for ``/openapi.json``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from apispec import BasePlugin
from flask import Flask, Response, jsonify, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema, fields
from typing_extensions import override
from werkzeug.routing import Rule

from niteru.serve.http.refusals import BadParameter
from niteru.serve.http.schemas import ProblemSchema
from niteru.serve.http.statuses import types_by_status

PROBLEM = "application/problem+json"
View = Callable[..., Any]

VERSION = "1"
"""Version of what programs are promised: it changes where something is taken away or means something else."""
SETTINGS = {
    "API_TITLE": "niteru",
    "API_VERSION": VERSION,
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": "Look-alike search over a gallery of labelled faces."},
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            }
        },
    },
}
_TYPES = {status: ", ".join(types) for status, types in types_by_status().items()}


class OperationIds(BasePlugin):  # type: ignore[misc]
    """Names of operations, which generated clients call their functions by: those of the views."""

    @override
    def operation_helper(self, path: str | None = None, operations: dict[str, Any] | None = None, **known: Any) -> None:
        rule: Rule = known["rule"]
        for operation in (operations or {}).values():
            operation["operationId"] = rule.endpoint.rpartition(".")[2]


def register(app: Flask, blueprints: tuple[Blueprint, ...]) -> None:
    """Add the routes, and ``/openapi.json``, which describes them."""
    app.config.from_mapping(SETTINGS)
    api = Api(app, spec_kwargs={"extra_plugins": [OperationIds()]})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    description = _with_problems(api.spec.to_dict())

    @app.get("/openapi.json")
    def openapi() -> Response:
        """Describe the service to programs, under the path that they know it by."""
        return jsonify({**description, "servers": [{"url": request.root_path or "/"}]})


def _with_problems(description: dict[str, Any]) -> dict[str, Any]:
    """Description in which every failure is a problem document; flask-smorest has a form of its own for the rest."""
    components = description["components"]
    for unused in ("Error", "PaginationMetadata"):
        components["schemas"].pop(unused)
    schema = {"$ref": "#/components/schemas/Problem"}
    components["responses"]["DEFAULT_ERROR"]["content"] = {PROBLEM: {"schema": schema}}
    return description


def in_path(name: str, description: str, example: str, values: Iterable[str] = ()) -> dict[str, Any]:
    """Parameter in a route's path, as ``/openapi.json`` describes it; one of these values, if there are any."""
    schema = {"type": "string", **({"enum": list(values)} if values else {})}
    return {"in": "path", "name": name, "description": description, "schema": schema, "example": example}


def query(blueprint: Blueprint, schema: type[Schema]) -> Callable[[View], View]:
    """Validate the query string against a schema; unknown parameters are errors, and repeated ones but for lists."""
    declared = schema._declared_fields.items()
    lists = {field.data_key or name for name, field in declared if isinstance(field, fields.List)}
    # An instance, for a class is made into one at each request.
    checked: Callable[[View], View] = blueprint.arguments(
        schema(), location="query", error_status_code=400, unknown=RAISE
    )

    def decorate(view: View) -> View:
        validated = checked(view)

        @functools.wraps(validated)
        def without_repeats(*positional: Any, **named: Any) -> Any:
            for name, values in request.args.lists():
                if len(values) > 1 and name not in lists:  # which of them would count?
                    raise BadParameter(f"{name!r} is given {len(values)} times")
            return validated(*positional, **named)

        return without_repeats

    return decorate


def problems(blueprint: Blueprint, *statuses: int) -> Callable[[View], View]:
    """Describe the problems that a route may answer with."""

    def decorate(view: View) -> View:
        for status in statuses:
            view = blueprint.alt_response(
                status, schema=ProblemSchema, content_type=PROBLEM, description=_TYPES[status]
            )(view)
        return view

    return decorate

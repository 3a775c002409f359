"""Declaration of routes: what they accept and which problems they answer with, for ``/openapi.json``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema, fields

from niteru.serve.http.refusals import BadParameter
from niteru.serve.http.schemas import ProblemSchema
from niteru.serve.http.statuses import types_by_status

PROBLEM = "application/problem+json"
View = Callable[..., Any]

SETTINGS = {
    "API_TITLE": "niteru",
    "API_VERSION": "1",
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


def register(app: Flask, blueprints: tuple[Blueprint, ...]) -> None:
    """Add the routes, and ``/openapi.json``, which describes them."""
    app.config.from_mapping(SETTINGS)
    api = Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    description = api.spec.to_dict()

    @app.get("/openapi.json")
    def openapi() -> Response:
        """Describe the service to programs, under the path that they know it by."""
        return jsonify({**description, "servers": [{"url": request.root_path or "/"}]})


def query(blueprint: Blueprint, schema: type[Schema]) -> Callable[[View], View]:
    """Validate the query string against a schema; unknown parameters are errors, and repeated ones but for lists."""
    declared = schema._declared_fields.items()
    lists = {field.data_key or name for name, field in declared if isinstance(field, fields.List)}
    checked: Callable[[View], View] = blueprint.arguments(
        schema, location="query", error_status_code=400, unknown=RAISE
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

"""How the service describes itself, and how its routes are declared."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema

from niteru.serve.http.problem_types import types_by_status
from niteru.serve.http.problems import BadParameter
from niteru.serve.http.schemas import ProblemSchema

PROBLEM = "application/problem+json"
View = Callable[..., Any]

SETTINGS = {
    "API_TITLE": "niteru",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {"info": {"description": "Who looks like whom, over a gallery of labelled faces."}},
}
_TYPES = {status: ", ".join(types) for status, types in types_by_status().items()}


def register(app: Flask, blueprints: tuple[Blueprint, ...]) -> None:
    """Add the routes, and ``/openapi.json`` that describes them."""
    app.config.from_mapping(SETTINGS)
    api = Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)


def query(blueprint: Blueprint, schema: type[Schema]) -> Callable[[View], View]:
    """Check the query string by a schema; what it does not know is an error."""
    checked: Callable[[View], View] = blueprint.arguments(
        schema, location="query", error_status_code=400, unknown=RAISE
    )

    def once(view: View) -> View:
        guarded = checked(view)

        @functools.wraps(guarded)
        def asked(*positional: Any, **named: Any) -> Any:
            for name, values in request.args.lists():
                if len(values) > 1:  # which of them would count?
                    raise BadParameter(f"{name!r} is given {len(values)} times")
            return guarded(*positional, **named)

        return asked

    return once


def problems(blueprint: Blueprint, *statuses: int) -> Callable[[View], View]:
    """Describe the failures that a route answers with."""

    def described(view: View) -> View:
        for status in statuses:
            view = blueprint.alt_response(
                status, schema=ProblemSchema, content_type=PROBLEM, description=_TYPES[status]
            )(view)
        return view

    return described

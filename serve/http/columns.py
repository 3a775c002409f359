"""``/columns``: what tables say of the people of the gallery, for choosing filters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from niteru.serve.http.api import in_path, problems, query
from niteru.serve.http.context import opened
from niteru.serve.http.paging import Listed, ListParameters, ListSchema
from niteru.serve.http.parameters import WhereSchema
from niteru.serve.http.revalidated import revalidated
from niteru.serve.http.schemas import ColumnsSchema, ColumnValuesSchema

blueprint = Blueprint("columns", __name__, description="What tables say of the people of the gallery.")
_NAME = in_path("name", "Name of a column.", "agency")


@blueprint.get("/columns")
@query(blueprint, WhereSchema)
@revalidated(blueprint)
@blueprint.response(200, ColumnsSchema)
@problems(blueprint, 400, 503)
def list_columns(parameters: dict[str, Any]) -> dict[str, Any]:
    """List the columns, and say how many people meet the conditions and what is said of them."""
    where = tuple(parameters["where"])
    with opened() as gallery:
        generation = gallery.generation
        people = len(generation.columns.passing(where)) if where else generation.people
        return {"people": people, "columns": [asdict(one) for one in generation.columns.summaries(where)]}


@blueprint.get("/columns/<path:name>", parameters=[_NAME])
@query(blueprint, ListSchema)
@revalidated(blueprint)
@blueprint.response(200, ColumnValuesSchema)
@problems(blueprint, 400, 404, 503)
def get_column(parameters: ListParameters, name: str) -> Listed:
    """List the values of one column, the most frequent first, of everybody or of those who meet the conditions."""
    with opened() as gallery:
        found = gallery.generation.columns.values(name, parameters.where)
    total = len(found.values)
    body = {**asdict(found), "values": [asdict(one) for one in parameters.part(found.values)], "total": total}
    return body, parameters.links(total)

"""``/people``: the people of the gallery, their faces, and forgetting them."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from niteru.indexer.ask.answers import age_as_dict
from niteru.indexer.ask.listed_people import listed_people, named_people
from niteru.indexer.ask.not_found import PersonNotFound
from niteru.indexer.update.forgetting import forget
from niteru.serve.http.access import needs
from niteru.serve.http.api import in_path, problems, query
from niteru.serve.http.context import late_publication, live, opened
from niteru.serve.http.faces import crop_address
from niteru.serve.http.pages import report_folder
from niteru.serve.http.paging import Listed, ListParameters, ListSchema, Paging, PagingSchema
from niteru.serve.http.revalidated import revalidated
from niteru.serve.http.schemas import PeopleSchema, PersonFacesSchema, ReceiptSchema
from niteru.serve.keys.key import Right

blueprint = Blueprint("people", __name__, description="People of the gallery.")
_NAME = in_path("name", "Name of a person of the gallery, or of a group: unnamed 12.", "Ada Lovelace")


@blueprint.get("/people")
@query(blueprint, ListSchema)
@revalidated(blueprint)
@blueprint.response(200, PeopleSchema)
@problems(blueprint, 400, 503)
def list_people(parameters: ListParameters) -> Response:
    """List everybody, or those who meet conditions, by name, with the number of their faces."""
    with opened() as gallery:
        everybody = gallery.queries.people()
        named = named_people(everybody)
        found = listed_people(named, gallery.generation.columns, parameters.where)
    people = [{"person": one.person, "faces": one.faces, "columns": one.columns} for one in parameters.part(found)]
    # As it is: to check thousands of rows against the schema would take longer than to make them.
    response = jsonify(groups=len(everybody) - len(named), total=len(found), people=people)
    response.headers.extend(parameters.links(len(found)))
    return response


@blueprint.get("/people/<path:name>", parameters=[_NAME])
@query(blueprint, PagingSchema)
@revalidated(blueprint)
@blueprint.response(200, PersonFacesSchema)
@problems(blueprint, 400, 404, 503)
def get_person(paging: Paging, name: str) -> Listed:
    """List the faces of one person."""
    with opened() as gallery:
        faces = gallery.queries.faces_of_person(unicodedata.normalize("NFC", name))
        if not faces:
            raise PersonNotFound(f"there is nobody called {name!r}; /people lists all names")
        columns = gallery.generation.columns.of(faces[0].person_id or 0)
        shown = [
            {
                "id": face.id,
                "photo": face.photo,
                "crop": crop_address(face.id),
                **age_as_dict(gallery.generation, face.person_id, face.id),
            }
            for face in paging.part(faces)
        ]
    body = {"person": name, "columns": columns, "total": len(faces), "faces": shown}
    return body, paging.links(len(faces))


@blueprint.delete("/people/<path:name>", parameters=[_NAME])
@needs(blueprint, Right.DELETE)
@blueprint.response(200, ReceiptSchema)
@problems(blueprint, 401, 403, 404, 429, 503)
def forget_person(name: str) -> dict[str, Any]:
    """Forget a person and delete the reports that show them, the served one too, with a receipt."""
    name = unicodedata.normalize("NFC", name)
    try:
        with late_publication().waiting():
            receipt = forget(live().address, name, shown=[report_folder()])
    except PersonNotFound:
        raise PersonNotFound(f"there is nobody called {name!r}; /people lists all names") from None
    return {"clean": receipt.clean, **asdict(receipt)}

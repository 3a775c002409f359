"""``/groups``: faces that nobody has named, in groups of what seems to be one person."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from niteru.engine.photos.person_name import group_number
from niteru.indexer.naming.piles import Pile
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import piles
from niteru.serve.http.faces import crop_address
from niteru.serve.http.naming_schemas import GroupsQuery, GroupsQuerySchema, GroupsSchema
from niteru.serve.http.paging import Listed
from niteru.serve.http.revalidated import revalidated

SHOWN = 12
"""Faces of each group that are told; all of them are under ``/people/unnamed NUMBER``."""

blueprint = Blueprint("groups", __name__, description="Faces that nobody has named.")


@blueprint.get("/groups")
@query(blueprint, GroupsQuerySchema)
@revalidated(blueprint)
@blueprint.response(200, GroupsSchema)
@problems(blueprint, 400, 503)
def list_groups(wanted: GroupsQuery) -> Listed:
    """List the groups of faces that nobody has named, the largest first; or the one that has a number."""
    found = piles().current()
    if wanted.number is None:
        shown, links = wanted.part(found), wanted.links(len(found))
    else:
        pile = found.of_number(wanted.number)
        shown, links = [] if pile is None else [pile], {}
    counts = {"total": len(found), "unnamed": found.faces, "named": found.named}
    return {**counts, "groups": [_as_dict(pile) for pile in shown]}, links


def _as_dict(pile: Pile) -> dict[str, Any]:
    faces = [{"id": face, "crop": crop_address(face)} for face in pile.faces[:SHOWN]]
    perhaps = None
    if pile.perhaps is not None:
        perhaps = {"person": pile.perhaps, "group": group_number(pile.perhaps), "similarity": pile.similarity}
    return {
        "number": pile.number,
        "person": pile.name,
        "count": len(pile.faces),
        "photos": pile.photos,
        "faces": faces,
        "perhaps": perhaps,
    }

"""``/gallery``: how the gallery is, before anybody asks it, and the pairs in it that are worth a look."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from flask_smorest import Blueprint

from niteru.engine.failure import Failure
from niteru.engine.photos.own_work import DRAWN
from niteru.engine.photos.person_name import group_number
from niteru.indexer.ask.pairs import most_alike
from niteru.indexer.ask.rarity_in_words import grade, one_in
from niteru.indexer.catalog.indexing import indexing
from niteru.indexer.catalog.queries import CatalogQueries
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import live, opened
from niteru.serve.http.gallery_schemas import GalleryStateSchema, PairsAnswerSchema
from niteru.serve.http.picture_parameters import PairsSchema
from niteru.serve.http.revalidated import revalidated

blueprint = Blueprint("gallery", __name__, description="The gallery as a whole.")

_NO_CHANGES = {"last": 0, "answered": 0}


@blueprint.get("/gallery")
@blueprint.response(200, GalleryStateSchema)
def get_gallery() -> dict[str, Any]:
    """Describe the gallery: who is in it, whether it can be asked, and how far a run that reads photos has come."""
    known = {"ready": False, "people": 0, "groups": 0, "drawn": False, "indexing": None, "changes": _NO_CHANGES}
    generation = 0
    with contextlib.suppress(Failure), opened() as gallery:
        known["ready"], generation = True, gallery.generation.number
    with contextlib.suppress(Failure), contextlib.closing(live().backend.catalog(readonly=True)) as catalog:
        known |= _as_catalogued(catalog.queries)
        known["changes"] = _changes(catalog.queries, generation)
    return known


def _changes(queries: CatalogQueries, generation: int) -> dict[str, int]:
    published = queries.last_publication(generation)
    return {"last": queries.last_change(), "answered": queries.last_change(before=published)}


def _as_catalogued(queries: CatalogQueries) -> dict[str, Any]:
    names = [name for _, name, _ in queries.people()]
    run, faces = indexing(queries), queries.setting("faces")
    groups = sum(group_number(name) is not None for name in names)
    return {
        "people": len(names) - groups,
        "groups": groups,
        "drawn": faces is not None and (Path(faces) / DRAWN).is_file(),
        "indexing": None if run is None else {"done": run.done, "total": run.total},
    }


@blueprint.get("/pairs")
@query(blueprint, PairsSchema)
@revalidated(blueprint)
@blueprint.response(200, PairsAnswerSchema)
@problems(blueprint, 400, 503)
def list_pairs(parameters: dict[str, int]) -> dict[str, Any]:
    """List the most alike pairs of people who have names, nobody in more than two of them."""
    with opened() as gallery:
        found = most_alike(gallery, live().everybody(gallery), parameters["k"])
    rows = [
        {
            "one": pair.one,
            "other": pair.other,
            "similarity": round(pair.similarity, 4),
            "rarity": float(f"{pair.rarity:.3g}"),
            "one_in": one_in(pair.rarity),
            "grade": grade(pair.rarity),
            "related": pair.related,
        }
        for pair in found
    ]
    return {"pairs": rows}

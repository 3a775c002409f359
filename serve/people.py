"""``/people``: who is in the gallery."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import Blueprint

from serve.context import opened
from serve.problems import PersonNotFound

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
def people() -> dict[str, Any]:
    """Everybody, by name, with the number of their faces."""
    with opened() as gallery:
        return {"people": [{"person": name, "faces": faces} for _, name, faces in gallery.catalog.people()]}


@blueprint.get("/people/<path:name>")
def person(name: str) -> dict[str, Any]:
    """One person's faces."""
    with opened() as gallery:
        faces = gallery.catalog.faces_of_person(unicodedata.normalize("NFC", name))
    if not faces:
        raise PersonNotFound(f"nobody here is called {name!r}; /people lists all names")
    return {
        "person": name,
        "faces": [{"id": face.id, "photo": face.photo, "crop": f"/faces/{face.id}.jpg"} for face in faces],
    }

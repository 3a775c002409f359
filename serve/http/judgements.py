"""``/judgements``: what visitors say of likeness in the game, where the owner keeps it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from niteru.indexer.ask.not_found import PersonNotFound
from niteru.indexer.ask.portraits import best_face
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.storage.judgements import Judgement, Judgements
from niteru.serve.http.api import problems
from niteru.serve.http.context import live, opened
from niteru.serve.http.refusals import BadParameter

blueprint = Blueprint("judgements", __name__, description="What people say of likeness.")


_EXAMPLE = {"asked": "Ada Lovelace", "alike": "Mary Somerville", "odd": "Caroline Herschel"}


class JudgementSchema(Schema):
    """Names of whoever was asked about, of the look-alike that was chosen, and of the other one."""

    class Meta:
        """No other fields."""

        unknown = RAISE

    asked = fields.String(required=True, validate=validate.Length(1, 500))
    alike = fields.String(required=True, validate=validate.Length(1, 500))
    odd = fields.String(required=True, validate=validate.Length(1, 500))


class KeptSchema(Schema):
    """Whether a judgement was kept: not where the owner keeps none."""

    kept = fields.Boolean(required=True)


@blueprint.post("/judgements")
@blueprint.arguments(JudgementSchema, error_status_code=400, example=_EXAMPLE)
@blueprint.response(200, KeptSchema)
@problems(blueprint, 400, 401, 404, 413, 503)
def judge_likeness(said: dict[str, str]) -> dict[str, Any]:
    """Say which of two people looks more like a third, by their best photos; nothing of the judge is kept."""
    if len(set(said.values())) < len(said):
        raise BadParameter("asked, alike and odd are three different people")
    with opened() as gallery:
        asked, alike, odd = (_photo(gallery, said[name]) for name in ("asked", "alike", "odd"))
    keeps = bool(current_app.config["KEEP_JUDGEMENTS"])
    if keeps:
        Judgements(live().backend.folder).add(Judgement(asked, alike, odd, odd))
    return {"kept": keeps}


def _photo(gallery: GalleryReader, name: str) -> str:
    face = best_face(gallery, gallery.queries.known_name(name) or "")
    if face is None:
        raise PersonNotFound(f"there is nobody called {name!r}; /people lists all names")
    return face.photo

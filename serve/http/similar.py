"""``/similar``: look-alikes of a face of the gallery or of uploaded photos."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from flask import Response, g, jsonify
from flask_smorest import Blueprint
from werkzeug.datastructures import FileStorage

from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.embedding.regions import shares
from niteru.indexer.ask.answers import answer_as_dict
from niteru.indexer.ask.asking import look_alikes, only_one
from niteru.indexer.ask.lookalike import Answer, Wish
from niteru.indexer.ask.probe import Probe
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import live, opened
from niteru.serve.http.faces import crop_address
from niteru.serve.http.known_probe import known_probe
from niteru.serve.http.metrics import observe_steps
from niteru.serve.http.parameters import (
    MOST_EXPLAINED,
    AskByPhotoSchema,
    AskByRefSchema,
    Parameters,
    UploadSchema,
)
from niteru.serve.http.revalidated import revalidated, tagged
from niteru.serve.http.schemas import AnswerSchema
from niteru.serve.http.uploaded_probe import uploaded_probe, uploads_in

blueprint = Blueprint("similar", __name__, description="Look-alikes of a face.")


@blueprint.get("/similar")
@query(blueprint, AskByRefSchema)
@revalidated(blueprint)
@blueprint.response(200, AnswerSchema)
@problems(blueprint, 400, 404, 503)
def find_similar(parameters: Parameters) -> Response:
    """Find look-alikes of a person of the gallery by all of their photos, or of one face."""
    with opened() as gallery:
        body = answer(gallery, known_probe(gallery, parameters), parameters)
    return tagged(_response(body), {**body, "timing_ms": None})  # which differs each time


@blueprint.post("/similar")
@query(blueprint, AskByPhotoSchema)
@blueprint.arguments(UploadSchema(), location="files", error_status_code=400)
@blueprint.response(200, AnswerSchema)
@problems(blueprint, 400, 413, 415, 422, 429, 503)
def find_similar_to_photos(parameters: Parameters, files: dict[str, list[FileStorage]]) -> Response:
    """Find look-alikes of a person, by one to eight uploaded photos."""
    uploads = uploads_in(files)
    with opened() as gallery:
        return _response(answer(gallery, uploaded_probe(gallery, uploads, parameters.face), parameters))


def _response(body: dict[str, Any]) -> Response:
    """Respond with an answer and the request's id, in the form of :class:`AnswerSchema`.

    The response bypasses the schema, because dumping an answer through it took as long as making it; tests check
    that answers keep to it.
    """
    return jsonify(request_id=g.request_id, **body)


def answer(gallery: GalleryReader, probe: Probe, parameters: Parameters) -> dict[str, Any]:
    """Search, and explain if asked to."""
    start = perf_counter()
    wish = Wish(
        parameters.k,
        parameters.by,
        parameters.mode,
        parameters.max_rarity,
        parameters.where,
        only_one(gallery, parameters.other) if parameters.other else None,
        parameters.age,
        bool(parameters.not_related),
    )
    found = look_alikes(live(), gallery, probe, wish)
    timing = {**probe.timing_ms, "search": (perf_counter() - start) * 1000}
    why = {}
    if parameters.explain:
        start = perf_counter()
        with live().cores:
            why = explain(gallery, live().recogniser(gallery.generation), probe, found)
        timing["explain"] = (perf_counter() - start) * 1000
    observe_steps(timing, gallery.generation.number)
    body = answer_as_dict(gallery, probe, found, timing, why)
    if "id" in probe.face:
        body["query"]["face"]["crop"] = crop_address(probe.face["id"])
    for row in body["results"]:
        for face in row["faces"]:
            face["crop"] = crop_address(face["id"])
    return body


def explain(gallery: GalleryReader, recogniser: Recogniser, probe: Probe, found: Answer) -> dict[int, dict[str, float]]:
    """Shares of the parts of the face in the similarity, by the id of the first face of each row."""
    first = [row.hits[0].face.id for row in found.results][:MOST_EXPLAINED]
    crops = {face: crop for face in first if (crop := gallery.crop(face)) is not None}
    asked = probe.crop if probe.crop is not None else gallery.crop(probe.face["id"])
    if asked is None:  # the gallery has lost the crop
        return {}
    return dict(zip(crops, shares(recogniser.embedder, asked, list(crops.values())), strict=True))

"""``/similar``: who looks like this face."""

from __future__ import annotations

from time import perf_counter

from flask import Response, g, jsonify, request
from flask_smorest import Blueprint
from werkzeug.datastructures import FileStorage

from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.embedding.regions import shares
from niteru.indexer.ask.answers import answer_as_dict
from niteru.indexer.ask.lookalike import Answer, Question, ask
from niteru.indexer.ask.probe import Probe, from_gallery, from_photos
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import problems, query
from niteru.serve.http.context import live, opened
from niteru.serve.http.faces import crop_address
from niteru.serve.http.metrics import observe_steps
from niteru.serve.http.parameters import Parameters
from niteru.serve.http.problems import BadParameter, MissingImage
from niteru.serve.http.schemas import (
    MOST_EXPLAINED,
    MOST_PHOTOS,
    AnswerSchema,
    AskByPhotoSchema,
    AskByRefSchema,
    UploadSchema,
)

blueprint = Blueprint("similar", __name__, description="Who looks like this face.")


@blueprint.get("/similar")
@query(blueprint, AskByRefSchema)
@blueprint.response(200, AnswerSchema)
@problems(blueprint, 400, 404, 503)
def similar_to_ref(parameters: Parameters) -> Response:
    """Look-alikes of a face of the gallery."""
    if not parameters.image:
        raise MissingImage("ask with ?image=NAME/photo.jpg or ?image=face:123, or POST a photo")
    with opened() as gallery:
        return answer(gallery, from_gallery(gallery, parameters.image), parameters)


@blueprint.post("/similar")
@query(blueprint, AskByPhotoSchema)
@blueprint.arguments(UploadSchema, location="files", error_status_code=400)
@blueprint.response(200, AnswerSchema)
@problems(blueprint, 400, 413, 415, 422, 429, 503)
def similar_to_upload(parameters: Parameters, files: dict[str, list[FileStorage]]) -> Response:
    """Look-alikes of an uploaded face, by one to eight photos of one person."""
    photos = files.get("image", [])
    beside = sorted(set(request.form) | (set(request.files) - {"image"}))
    if beside and photos:
        raise BadParameter(
            f"{beside[0]!r} is out of place: the form holds 'image' alone, all else is in the query string"
        )
    uploads = [photo.read() for photo in photos]
    if not any(uploads):
        raise MissingImage("send the photo as multipart/form-data in the field 'image'")
    if len(uploads) > MOST_PHOTOS:
        raise BadParameter(f"{len(uploads)} photos were sent, at most {MOST_PHOTOS} can be")
    with opened() as gallery:
        recogniser = live().recogniser(gallery.generation)
        probe = live().workers.submit(from_photos, recogniser, uploads, parameters.face).result()
        return answer(gallery, probe, parameters)


def answer(gallery: GalleryReader, probe: Probe, parameters: Parameters) -> Response:
    """Search, explain if asked to, and say it in the words of the design.

    As a whole response: to copy a checked answer through its schema took as long as to make it. Tests hold it to that.
    """
    start = perf_counter()
    found = ask(
        gallery,
        Question(probe.vector, probe.person_id, parameters.k, parameters.by, parameters.mode, parameters.max_rarity),
    )
    timing = {**probe.timing_ms, "search": (perf_counter() - start) * 1000}
    why = {}
    if parameters.explain:
        start = perf_counter()
        why = live().workers.submit(explain, gallery, live().recogniser(gallery.generation), probe, found).result()
        timing["explain"] = (perf_counter() - start) * 1000
    observe_steps(timing, gallery.generation.number)
    told = answer_as_dict(gallery, probe, found, timing, why)
    for row in (*told["results"], *told["same_person"]):
        for face in row["faces"]:
            face["crop"] = crop_address(face["id"])
    return jsonify(request_id=g.request_id, **told)


def explain(gallery: GalleryReader, recogniser: Recogniser, probe: Probe, found: Answer) -> dict[int, dict[str, float]]:
    """Which parts of the face are alike, by the id of the first face of each row."""
    first = [row.hits[0].face.id for row in (*found.same_person, *found.results)][:MOST_EXPLAINED]
    crops = {face: crop for face in first if (crop := gallery.crop(face)) is not None}
    asked = probe.crop if probe.crop is not None else gallery.crop(probe.face["id"])
    if asked is None:  # the gallery lost it
        return {}
    return dict(zip(crops, shares(recogniser.embedder, asked, list(crops.values())), strict=True))

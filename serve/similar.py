"""``/similar``: who looks like this face."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from flask import Blueprint, g, request

from indexer.gallery import Gallery
from indexer.generation import Generation
from indexer.lookalike import Answer, Question, Row, ask
from serve.context import live, opened
from serve.parameters import Parameters, parse
from serve.probe import Probe, from_gallery, from_uploads
from serve.problems import BadParameter, MissingImage

MOST_PHOTOS = 8
blueprint = Blueprint("similar", __name__)


@blueprint.get("/similar")
def similar_to_ref() -> dict[str, Any]:
    """Look-alikes of a face of the gallery."""
    parameters = parse(request.args)
    if "face" in request.args:
        raise BadParameter("face picks among the faces of an uploaded photo; here image=face:ID names one")
    ref = request.args.get("image", "")
    if not ref:
        raise MissingImage("ask with ?image=NAME/photo.jpg or ?image=face:123, or POST a photo")
    with opened() as gallery:
        return answer(gallery, from_gallery(gallery, ref), parameters)


@blueprint.post("/similar")
def similar_to_upload() -> dict[str, Any]:
    """Look-alikes of an uploaded face: field ``image``, one to eight photos of one person."""
    parameters = parse(request.args)
    beside = sorted(set(request.form) | (set(request.files) - {"image"}) | ({"image"} & set(request.args)))
    if beside and "image" in request.files:
        raise BadParameter(
            f"{beside[0]!r} is out of place: the form holds 'image' alone, all else is in the query string"
        )
    uploads = [file.read() for file in request.files.getlist("image")]
    if not any(uploads):
        raise MissingImage("send the photo as multipart/form-data in the field 'image'")
    if len(uploads) > MOST_PHOTOS:
        raise BadParameter(f"{len(uploads)} photos were sent, at most {MOST_PHOTOS} can be")
    with opened() as gallery:
        eyes = live().eyes(gallery.generation)
        return answer(gallery, from_uploads(eyes, uploads, parameters.face), parameters)


def answer(gallery: Gallery, probe: Probe, parameters: Parameters) -> dict[str, Any]:
    """Search, and say it in the words of the design."""
    start = perf_counter()
    found = ask(
        gallery,
        Question(probe.vector, probe.person_id, parameters.k, parameters.by, parameters.mode, parameters.max_rarity),
    )
    timing = {**probe.timing_ms, "search": (perf_counter() - start) * 1000}
    return {"request_id": g.request_id, **describe(gallery, probe, found, timing)}


def describe(gallery: Gallery, probe: Probe, found: Answer, timing: dict[str, float]) -> dict[str, Any]:
    """The answer as JSON, without the id of a request."""
    generation = gallery.generation
    return {
        "gallery": {
            "generation": generation.number,
            "people": generation.people,
            "faces": len(generation.face_ids),
            "model": generation.model,
            "calibration": generation.calibration.source,
        },
        "query": {"person": probe.person, "faces_found": probe.faces_found, "face": probe.face},
        "results": [row_as_json(generation, rank, row) for rank, row in enumerate(found.results, start=1)],
        "same_person": [row_as_json(generation, rank, row) for rank, row in enumerate(found.same_person, start=1)],
        "timing_ms": {name: round(ms, 1) for name, ms in timing.items()},
    }


def row_as_json(generation: Generation, rank: int, row: Row) -> dict[str, Any]:
    """One person (or face) of an answer."""
    return {
        "rank": rank,
        "person": row.person,
        "similarity": round(row.similarity, 4),
        "rarity": float(f"{row.rarity:.3g}"),
        "faces": [
            {
                "id": hit.face.id,
                "photo": hit.face.photo,
                "similarity": round(hit.similarity, 4),
                "crowding": round(generation.crowding_of(hit.face.id), 4),
                "crop": f"/faces/{hit.face.id}.jpg",
            }
            for hit in row.hits
        ],
    }

"""``/shortlist``: people who were picked, as a sheet of portraits or a table."""

from __future__ import annotations

from flask import Response, jsonify
from flask_smorest import Blueprint
from werkzeug.datastructures import FileStorage

from niteru.indexer.ask.probe import Probe
from niteru.indexer.ask.shortlist import shortlist, shortlist_as_dict
from niteru.indexer.gallery import GalleryReader
from niteru.serve.http.api import in_path, problems, query
from niteru.serve.http.context import live, opened
from niteru.serve.http.faces import crop_address
from niteru.serve.http.known_probe import named_probe
from niteru.serve.http.parameters import UploadSchema
from niteru.serve.http.schemas import ShortlistAnswerSchema
from niteru.serve.http.shortlist_parameters import ShortlistByNameSchema, ShortlistByPhotoSchema, ShortlistParameters
from niteru.serve.http.uploaded_probe import uploaded_probe, uploads_in
from niteru.serve.shortlist.formats import FORMATS, Format, content_type, written

blueprint = Blueprint("shortlist", __name__, description="People who were picked.")
_PATH = f"/shortlist.<any({','.join(FORMATS)}):wanted>"
_WANTED = in_path("wanted", "Kind of file.", "pdf", FORMATS)
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"responses": {200: {"content": {content_type(one): _BYTES for one in FORMATS if one != "json"}}}}


@blueprint.get(_PATH, parameters=[_WANTED])
@query(blueprint, ShortlistByNameSchema)
@blueprint.response(200, ShortlistAnswerSchema)
@blueprint.doc(**_FILES)
@problems(blueprint, 400, 404, 429, 503)
def get_shortlist(parameters: ShortlistParameters, wanted: Format) -> Response:
    """List people with a portrait each, and how alike they are to somebody of the gallery; nothing of it is kept."""
    with opened() as gallery:
        probe = named_probe(gallery, parameters.picked_for) if parameters.picked_for else None
        return _answer(gallery, parameters, wanted, probe)


@blueprint.post(_PATH, parameters=[_WANTED])
@query(blueprint, ShortlistByPhotoSchema)
@blueprint.arguments(UploadSchema(), location="files", error_status_code=400)
@blueprint.response(200, ShortlistAnswerSchema)
@blueprint.doc(**_FILES)
@problems(blueprint, 400, 404, 413, 415, 422, 429, 503)
def get_shortlist_for_photos(
    parameters: ShortlistParameters, files: dict[str, list[FileStorage]], wanted: Format
) -> Response:
    """List people with a portrait each, and how alike they are to uploaded photos of one person."""
    uploads = uploads_in(files)
    with opened() as gallery:
        return _answer(gallery, parameters, wanted, uploaded_probe(gallery, uploads, parameters.face))


def _answer(gallery: GalleryReader, parameters: ShortlistParameters, wanted: Format, probe: Probe | None) -> Response:
    made = shortlist(live(), gallery, parameters.people, probe, parameters.columns)
    if wanted == "json":
        body = shortlist_as_dict(made)
        for one in body["people"]:
            one["face"]["crop"] = crop_address(one["face"]["id"])
        return jsonify(body)
    response = Response(written(made, wanted, parameters.language), content_type=content_type(wanted))
    response.headers["Content-Disposition"] = f'attachment; filename="shortlist.{wanted}"'
    return response

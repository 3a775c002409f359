"""``/people/NAME/photos``: enrolment of photos that are sent."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from werkzeug.datastructures import FileStorage

from niteru.engine.failure import Failure
from niteru.engine.photos.photo_error import PhotoError
from niteru.indexer.ask.chosen_face import FaceTooSmall, NoSuchFace
from niteru.indexer.update.sent_photos import Forgotten, SentPhoto, SeveralFaces, enter, look_at, person_called
from niteru.serve.http.access import needs, rights
from niteru.serve.http.api import in_path, problems, query
from niteru.serve.http.context import client_is_there, late_publication, live
from niteru.serve.http.faces import crop_address
from niteru.serve.http.parameter_fields import face_choice
from niteru.serve.http.parameters import UploadSchema
from niteru.serve.http.uploaded_probe import uploads_in
from niteru.serve.keys.key import Right

blueprint = Blueprint("photos", __name__, description="Photos of people that are sent to be enrolled.")
_NAME = in_path("name", "Name of a person, new or known.", "Ada Lovelace")


class WhichFaceSchema(Schema):
    """Parameter of photos that are sent."""

    face = face_choice(None, "Without it, photos that show several are refused.")


class EnrolledFaceSchema(Schema):
    """Face that was enrolled."""

    photo = fields.Integer(required=True, metadata={"description": "Which of the photos, counted from 1."})
    id = fields.Integer(required=True)
    crop = fields.String(required=True, metadata={"description": "Path of the aligned face, a JPEG."})


class RefusedPhotoSchema(Schema):
    """Photo that was not enrolled."""

    photo = fields.Integer(required=True, metadata={"description": "Which of the photos, counted from 1."})
    reason = fields.String(required=True, metadata={"description": "As the type of a problem: no-face, and so on."})
    detail = fields.String(required=True)


class EnrolledSchema(Schema):
    """What became of photos."""

    person = fields.String(required=True, metadata={"description": "The name, as the gallery spells it."})
    faces = fields.List(fields.Nested(EnrolledFaceSchema), required=True)
    refused = fields.List(fields.Nested(RefusedPhotoSchema), required=True)
    change = fields.Integer(
        required=True,
        metadata={"description": "Number of this change; answers have the faces once /gallery has come so far."},
    )


@blueprint.post("/people/<path:name>/photos", parameters=[_NAME])
@needs(blueprint, Right.WRITE)
@query(blueprint, WhichFaceSchema)
@blueprint.arguments(UploadSchema(), location="files", error_status_code=400)
@blueprint.response(201, EnrolledSchema)
@problems(blueprint, 400, 401, 403, 413, 415, 422, 429, 503)
def enrol_photos(parameters: dict[str, str | None], files: dict[str, list[FileStorage]], name: str) -> dict[str, Any]:
    """Enrol one to eight photos of a person, new or known; of each, one face is kept, and not the photo."""
    person, uploads = person_called(name), uploads_in(files)
    looks = _looked_at(uploads, parameters["face"] or "")
    with late_publication().held_off():
        photos = [look for look in looks if isinstance(look, SentPhoto)]
        # To undo a forgetting takes the same right as to forget.
        entered = enter(live().address, person, photos, forgotten_too=Right.DELETE in rights())
    ids = iter(entered.faces)
    outcomes = [_outcome(next(ids)) if isinstance(look, SentPhoto) else look for look in looks]
    _require_one(outcomes)
    numbered = list(enumerate(outcomes, start=1))
    return {
        "person": entered.person,
        "faces": [
            {"photo": number, "id": face, "crop": crop_address(face)}
            for number, face in numbered
            if isinstance(face, int)
        ],
        "refused": [
            {"photo": number, "reason": error.slug, "detail": str(error)}
            for number, error in numbered
            if isinstance(error, Failure)
        ],
        "change": entered.change,
    }


def _looked_at(uploads: list[bytes], which: str) -> list[SentPhoto | Failure]:
    """The face of each photo, or the reason why it is refused.

    Raises:
        Failure: all of them are.
    """
    recogniser, work = live().recogniser_of_new_photos(), live().photo_work(client_is_there(request.environ))
    looks: list[SentPhoto | Failure] = []
    for photo in uploads:
        try:
            looks.append(look_at(recogniser, photo, which, work))
        except (PhotoError, FaceTooSmall, NoSuchFace, SeveralFaces) as error:
            looks.append(error)
    _require_one(looks)
    return looks


def _outcome(face: int | None) -> int | Failure:
    return Forgotten("this photo, or this face in it, was forgotten: send another photo") if face is None else face


def _require_one(outcomes: list[Any]) -> None:
    """Answer with the first failure where there is nothing else."""
    errors = [one for one in outcomes if isinstance(one, Failure)]
    if len(errors) == len(outcomes):
        first = errors[0]
        raise first if len(errors) == 1 else type(first)(f"photo 1 of {len(errors)}: {first}")

"""``/people/NAME/report``: what the report that is served says of a person."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import url_for
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from niteru.serve.http.access import rights
from niteru.serve.http.api import in_path, problems
from niteru.serve.http.context import opened
from niteru.serve.http.pages import shown_report
from niteru.serve.http.revalidated import revalidated
from niteru.serve.keys.key import Right
from niteru.serve.report.of_person import OfPerson, of_person

blueprint = Blueprint("report_of_person", __name__, description="What the report says of people.")
_NAME = in_path("name", "Name of a person of the gallery.", "Ada Lovelace")


class CheckSchema(Schema):
    """Label or photo to check."""

    kind = fields.String(
        required=True, metadata={"description": "split, moved, mixed, duplicate, hub or poor (docs/report.md)."}
    )
    person = fields.String(required=True)
    photo = fields.String(required=True, metadata={"description": "Empty where a whole person is meant."})
    other_person = fields.String(required=True, metadata={"description": "With whom that is compared; may be empty."})
    other_photo = fields.String(required=True, metadata={"description": "With what, or why the photo is poor."})


class ReportOfPersonSchema(Schema):
    """What the report says of a person; nothing where none is served."""

    in_report = fields.String(required=True, allow_none=True, metadata={"description": "Address of the person's row."})
    on_map = fields.String(required=True, allow_none=True, metadata={"description": "Address of the place on the map."})
    family = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "People of the same family of resemblance, the most typical first."},
    )
    checks = fields.List(
        fields.Nested(CheckSchema),
        required=True,
        metadata={"description": "What to check, for those who may write; for others it is empty."},
    )


@blueprint.get("/people/<path:name>/report", parameters=[_NAME])
@revalidated(blueprint)
@blueprint.response(200, ReportOfPersonSchema)
@problems(blueprint, 503)
def get_report_of_person(name: str) -> dict[str, Any]:
    """Tell a person's family of resemblance, place on the map and what to check, by the report that is served."""
    folder = shown_report()
    found = of_person(folder, unicodedata.normalize("NFC", name)) if folder else OfPerson()
    with opened() as gallery:  # a report keeps names that were changed since
        family = [one for one in found.family if gallery.queries.known_name(one) == one]
    page = url_for("pages.report")
    return {
        "in_report": found.row and f"{page}#{found.row}",
        "on_map": found.place and f"{page}#{found.place}",
        "family": family,
        "checks": found.checks if Right.WRITE in rights() else [],
    }

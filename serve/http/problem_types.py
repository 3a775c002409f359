"""How failures are told over HTTP: the one table from slugs to statuses, which ``docs/http.md`` is made from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A row of the table.

    Attributes:
        status: of the response.
        type: stable, for programs; what ``application/problem+json`` has under that name.
        title: the same for every problem of the type.
        retry_after: seconds, for the header of that name.
        detail: told instead of the failure's own message, where that names files of the server.
    """

    status: int
    type: str
    title: str
    retry_after: int | None = None
    detail: str | None = None


INTERNAL = ProblemType(
    500,
    "internal-error",
    "Something went wrong here",
    detail="the server's log has the cause under this request's id",
)
_NOT_READY = ProblemType(
    503,
    "not-ready",
    "The gallery is not ready",
    10,
    "there is no index to search; run make index, or see the server's log",
)

PROBLEM_TYPES: dict[str, ProblemType] = {
    "missing-image": ProblemType(400, "missing-image", "No image given"),
    "empty-file": ProblemType(400, "missing-image", "No image given"),
    "bad-parameter": ProblemType(400, "bad-parameter", "A parameter is wrong"),
    "unauthorised": ProblemType(401, "unauthorised", "This needs the key"),
    "image-not-found": ProblemType(404, "image-not-found", "No such image in the gallery"),
    "person-not-found": ProblemType(404, "person-not-found", "No such person in the gallery"),
    "face-not-found": ProblemType(404, "face-not-found", "No such face in the gallery"),
    "too-large": ProblemType(413, "too-large", "The picture has too many bytes"),
    "too-many-pixels": ProblemType(413, "too-many-pixels", "The picture has too many pixels"),
    "unsupported-type": ProblemType(415, "unsupported-type", "Not a picture of a known type"),
    "corrupt-image": ProblemType(422, "corrupt-image", "The picture is damaged"),
    "no-face": ProblemType(422, "no-face", "No face in the picture"),
    "face-too-small": ProblemType(422, "face-too-small", "The face is too small"),
    "too-few-pixels": ProblemType(422, "face-too-small", "The face is too small"),
    "rate-limited": ProblemType(429, "rate-limited", "Too many requests", 60),
    "catalog-error": _NOT_READY,
    "generation-unusable": _NOT_READY,
    "backend-unavailable": _NOT_READY,
    "index-mismatch": ProblemType(503, "index-mismatch", "The index and the model do not match", 60),
    "gallery-busy": ProblemType(
        503,
        "gallery-busy",
        "The gallery is being written to",
        30,
        "another niteru is at work there: try again when it is done",
    ),
}
"""By the slug of the failure; what is not here is :data:`INTERNAL`."""

REFUSED_REQUESTS = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    414: "uri-too-long",
    415: "unsupported-type",
    416: "bad-range",
    417: "bad-request",
    431: "headers-too-large",
    501: "bad-request",
}
"""Types by status, for requests that HTTP itself refuses."""


def types_by_status() -> dict[int, list[str]]:
    """All types that a client may meet, in order."""
    found: dict[int, list[str]] = {}
    rows = [(row.status, row.type) for row in (*PROBLEM_TYPES.values(), INTERNAL)]
    for status, kind in sorted([*rows, *REFUSED_REQUESTS.items()], key=lambda row: row[0]):
        if kind not in found.setdefault(status, []):
            found[status].append(kind)
    return found

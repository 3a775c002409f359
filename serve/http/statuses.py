"""Table of problem types: the status, type and title with which each failure is answered over HTTP."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """Row of the table.

    Attributes:
        status: of the response.
        type: stable name, for programs; the ``type`` of the problem document.
        title: the same for every problem of this type.
        retry_after: seconds, for the ``Retry-After`` header.
        detail: replaces the failure's own message where that may name files of the server.
    """

    status: int
    type: str
    title: str
    retry_after: int | None = None
    detail: str | None = None


INTERNAL = ProblemType(
    500,
    "internal-error",
    "Internal error",
    detail="the server's log has the cause under this request's id",
)
_NOT_READY = ProblemType(
    503,
    "not-ready",
    "The gallery is not ready",
    10,
    "there is no index to search: run niteru index, or see the server's log",
)

PROBLEM_TYPES: dict[str, ProblemType] = {
    "missing-image": ProblemType(400, "missing-image", "No image given"),
    "empty-file": ProblemType(400, "empty-file", "The file is empty"),
    "bad-parameter": ProblemType(400, "bad-parameter", "Invalid parameter"),
    "bad-name": ProblemType(400, "bad-name", "Not a name for a person"),
    "abandoned": ProblemType(400, "abandoned", "The client left before the answer"),
    "unauthorised": ProblemType(401, "unauthorised", "API key required"),
    "right-missing": ProblemType(403, "right-missing", "The key may not do this"),
    "wrong-code": ProblemType(403, "wrong-code", "The booth's code is required"),
    "image-not-found": ProblemType(404, "image-not-found", "No such image in the gallery"),
    "person-not-found": ProblemType(404, "person-not-found", "No such person in the gallery"),
    "person-without-face": ProblemType(404, "person-without-face", "No face of this person in the gallery"),
    "face-not-found": ProblemType(404, "face-not-found", "No such face in the gallery"),
    "column-not-found": ProblemType(404, "column-not-found", "No such column in the gallery"),
    "age-unknown": ProblemType(404, "age-unknown", "Nobody of that age"),
    "nothing-to-take-back": ProblemType(404, "nothing-to-take-back", "Nothing to take back"),
    "too-large": ProblemType(413, "too-large", "The picture has too many bytes"),
    "too-many-pixels": ProblemType(413, "too-many-pixels", "The picture has too many pixels"),
    "too-complex": ProblemType(413, "too-complex", "The picture takes too much work to decode"),
    "unsupported-type": ProblemType(415, "unsupported-type", "Unsupported picture format"),
    "corrupt-image": ProblemType(422, "corrupt-image", "The picture is damaged"),
    "no-face": ProblemType(422, "no-face", "No face in the picture"),
    "several-faces": ProblemType(422, "several-faces", "Which of the faces is meant?"),
    "forgotten": ProblemType(422, "forgotten", "Forgotten, and not to come in again"),
    "face-too-small": ProblemType(422, "face-too-small", "The face is too small"),
    "too-few-pixels": ProblemType(422, "face-too-small", "The face is too small"),
    "rate-limited": ProblemType(429, "rate-limited", "Too many requests", 60),
    "catalog-error": _NOT_READY,
    "generation-unusable": _NOT_READY,
    "backend-unavailable": _NOT_READY,
    "keys-unreadable": ProblemType(
        503, "keys-unreadable", "The keys cannot be read", 60, "the server's log says which file is damaged"
    ),
    "index-mismatch": ProblemType(503, "index-mismatch", "The index and the model do not match", 60),
    "gallery-busy": ProblemType(
        503,
        "gallery-busy",
        "The gallery is being written to",
        30,
        "another niteru process is writing to it: try again when that has finished",
    ),
}
"""Problem types by the slug of the failure; any other failure is :data:`INTERNAL`."""

REFUSED_REQUESTS = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    408: "request-timeout",
    413: "too-large",
    414: "uri-too-long",
    415: "unsupported-type",
    416: "bad-range",
    417: "bad-request",
    431: "headers-too-large",
    501: "bad-request",
}
"""Problem types by status, for requests that the HTTP layer itself refuses."""


def types_by_status() -> dict[int, list[str]]:
    """Problem types that a client may meet, by status in ascending order."""
    found: dict[int, list[str]] = {}
    rows = [(row.status, row.type) for row in (*PROBLEM_TYPES.values(), INTERNAL)]
    for status, kind in sorted([*rows, *REFUSED_REQUESTS.items()], key=lambda row: row[0]):
        if kind not in found.setdefault(status, []):
            found[status].append(kind)
    return found

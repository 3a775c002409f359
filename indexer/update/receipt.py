"""Receipt of a forgetting: what went, how that was checked, and what is still to be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was forgotten, and how that was checked; it contains no vector and no picture.

    Attributes:
        person: who was forgotten; None where single photos were, or an earlier forgetting was ended.
        at: time, ISO 8601 in UTC.
        photos: the person's, or those named, and any others with the same bytes.
        faces: number of faces in those photos.
        elsewhere: number of faces in photos that stay: the person's, and those without a name that were as like them.
        others: other people who were on some of these photos, or had the same files, and how many photos they keep.
        generation: current one; None if nobody is left, or the gallery's model is missing.
        generations_removed: numbers of older ones, which contained the vectors too.
        questions: number of searches with forgotten faces afterwards.
        answered: number of those searches that found a forgotten face.
        files: number of files of the gallery that were searched byte by byte.
        traces: files in which something was left.
        still_in_faces: photos that still lie in FACES; ``niteru index`` skips them.
        reports: of the gallery that were removed.
        reports_left: of the gallery that could not be removed, or looked at.
        unfinished: what could not be done or checked, one sentence each with the next step.
    """

    person: str | None
    at: str
    photos: list[str]
    faces: int
    elsewhere: int
    others: dict[str, int]
    generation: int | None
    generations_removed: list[int]
    questions: int
    answered: int
    files: int
    traces: list[str]
    still_in_faces: list[str]
    reports: list[str]
    reports_left: list[str]
    unfinished: list[str]

    @property
    def clean(self) -> bool:
        """Whether nothing was left anywhere, and all of that could be checked."""
        return not (self.answered or self.traces or self.reports_left or self.unfinished)

"""Answers as dictionaries, which the service and the command line give as JSON."""

from __future__ import annotations

from typing import Any

from niteru.engine.photos.person_name import group_number
from niteru.indexer.ask.how_sure import rarity_as_dict
from niteru.indexer.ask.lookalike import Answer, LookAlike
from niteru.indexer.ask.probe import Probe
from niteru.indexer.ask.rarity_in_words import grade, one_in
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.generation import Generation


def answer_as_dict(
    gallery: GalleryReader,
    probe: Probe,
    found: Answer,
    timing: dict[str, float],
    why: dict[int, dict[str, float]] | None = None,
) -> dict[str, Any]:
    """Describe an answer, its probe and its gallery.

    Args:
        gallery: the gallery that was asked.
        probe: the face that was asked about.
        found: the answer.
        timing: milliseconds by step.
        why: share of each part of the face in a similarity, by the id of a row's first face.
    """
    generation = gallery.generation
    faces = [hit.face.id for row in found.results for hit in row.hits]
    hubness = dict(zip(faces, generation.hubness_of(faces).tolist(), strict=True))
    rows = [_row(generation, rank, row, hubness, why or {}) for rank, row in enumerate(found.results, start=1)]

    return {
        "gallery": {
            "generation": generation.number,
            "people": generation.people,
            "faces": generation.faces,
            "model": generation.model,
            "calibration": generation.calibration.source,
        },
        "query": {
            "asked": probe.asked,
            "person": probe.person,
            "faces_found": probe.faces_found,
            "face": probe.face | age_as_dict(generation, probe.person_id, probe.face.get("id")),
            "boxes": probe.boxes,
            **_filter(probe, found),
        },
        "nobody_alike": found.nobody_alike,
        "results": rows,
        "same_person": [row for row in rows if row["same_person"]],
        "timing_ms": {name: round(ms, 1) for name, ms in timing.items()},
    }


def _filter(probe: Probe, found: Answer) -> dict[str, Any]:
    """Describe who may be in the answer and who is left out, for programs and in sentences."""
    said, notes = dict[str, Any](), notes_on(probe.person, found)
    if found.passing is not None:
        said["passing"] = found.passing
    if found.relatives is not None:
        said["relatives"] = found.relatives
    if (ageless := found.ageless) is not None:
        counts = {name: getattr(ageless, name) for name in ("people", "without_birth_year", "without_date")}
        said["age"] = {"from": ageless.ages.low, "to": ageless.ages.high, **counts}
    return said | ({"note": "; ".join(notes)} if notes else {})


def notes_on(asked: str | None, found: Answer) -> list[str]:
    """Sentences about those who are left out of an answer.

    Args:
        asked: name of the person who was asked about; None for a photo.
        found: the answer.
    """
    notes, ageless = list[str](), found.ageless
    if found.passing == 0:
        notes.append("nobody in the gallery meets all of the conditions")
    if found.relatives == 0:
        notes.append(f"no relative of {asked or 'this face'} is known, so nobody is left out as one")
    if ageless is not None:
        if not found.results:
            notes.append(f"no photo shows anybody else at {ageless.ages}")
        without = ageless.without_birth_year, ageless.without_date
        if any(without):
            notes.append(
                f"{sum(without)} people are left out, for nobody knows how old they are: "
                f"{without[0]} without a year of birth, {without[1]} without a photo that has a date"
            )
    return notes


def age_as_dict(generation: Generation, person: int | None, face: int | None) -> dict[str, Any]:
    """When a photo was taken, and how old the person is on it, as far as that is known."""
    taken = None if face is None else generation.taken_of(face)
    if taken is None:
        return {}
    age = generation.age_of(person, taken)
    return {"taken": str(taken), **({} if age is None else {"age": age})}


def _row(
    generation: Generation, rank: int, row: LookAlike, hubness: dict[int, float], why: dict[int, dict[str, float]]
) -> dict[str, Any]:
    """Describe one person (or face) of an answer."""
    explained, group = why.get(row.hits[0].face.id), group_number(row.person)
    return {
        "rank": rank,
        "person": row.person,
        **({} if group is None else {"group": group}),
        "columns": generation.columns.of(row.hits[0].face.person_id or 0),
        "similarity": round(row.similarity, 4),
        **rarity_as_dict(row.rarity, row.likely),
        "one_in": one_in(row.rarity),
        "grade": grade(row.rarity),
        "same_person": row.same_person,
        "related": row.related,
        "faces": [
            {
                "id": hit.face.id,
                "photo": hit.face.photo,
                "similarity": round(hit.similarity, 4),
                "hubness": round(hubness[hit.face.id], 4),
                **age_as_dict(generation, hit.face.person_id, hit.face.id),
            }
            for hit in row.hits
        ],
        **({"why": explained} if explained else {}),
    }

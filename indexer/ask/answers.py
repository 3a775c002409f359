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
    rows = [_row(generation, rank, row, why or {}) for rank, row in enumerate(found.results, start=1)]

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
            "face": probe.face,
            "boxes": probe.boxes,
            **_filter(found.passing),
        },
        "nobody_alike": found.nobody_alike,
        "results": rows,
        "same_person": [row for row in rows if row["same_person"]],
        "timing_ms": {name: round(ms, 1) for name, ms in timing.items()},
    }


def _filter(passing: int | None) -> dict[str, Any]:
    """Describe how many people meet the conditions, and say so where that is nobody."""
    if passing is None:
        return {}
    return {"passing": passing, **({} if passing else {"note": "nobody in the gallery meets all of the conditions"})}


def _row(generation: Generation, rank: int, row: LookAlike, why: dict[int, dict[str, float]]) -> dict[str, Any]:
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
        "faces": [
            {
                "id": hit.face.id,
                "photo": hit.face.photo,
                "similarity": round(hit.similarity, 4),
                "hubness": round(generation.hubness_of(hit.face.id), 4),
            }
            for hit in row.hits
        ],
        **({"why": explained} if explained else {}),
    }

"""An answer in the words of the design: what the service and the command line print as JSON."""

from __future__ import annotations

from typing import Any

from niteru.indexer.ask.lookalike import Answer, Row
from niteru.indexer.gallery import GalleryReader
from niteru.indexer.generations.generation import Generation
from niteru.serve.http.probe import Probe


def describe(
    gallery: GalleryReader,
    probe: Probe,
    found: Answer,
    timing: dict[str, float],
    why: dict[int, dict[str, float]] | None = None,
) -> dict[str, Any]:
    """The answer as JSON, without the id of a request."""
    generation = gallery.generation

    def rows(some: list[Row]) -> list[dict[str, Any]]:
        return [row_as_json(generation, rank, row, why or {}) for rank, row in enumerate(some, start=1)]

    return {
        "gallery": {
            "generation": generation.number,
            "people": generation.people,
            "faces": generation.faces,
            "model": generation.model,
            "calibration": generation.calibration.source,
        },
        "query": {"person": probe.person, "faces_found": probe.faces_found, "face": probe.face, "boxes": probe.boxes},
        "results": rows(found.results),
        "same_person": rows(found.same_person),
        "timing_ms": {name: round(ms, 1) for name, ms in timing.items()},
    }


def row_as_json(generation: Generation, rank: int, row: Row, why: dict[int, dict[str, float]]) -> dict[str, Any]:
    """One person (or face) of an answer."""
    explained = why.get(row.hits[0].face.id)
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
                "hubness": round(generation.hubness_of(hit.face.id), 4),
                "crop": f"/faces/{hit.face.id}.jpg",
            }
            for hit in row.hits
        ],
        **({"why": explained} if explained else {}),
    }

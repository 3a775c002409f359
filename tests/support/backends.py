"""Addresses of galleries in every storage backend that can be tested here, and a question to them."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Question, ask

SERVER = os.environ.get("NITERU_TEST_MILVUS", "")
BACKENDS = ["folder", "lite", *(["server"] if SERVER else [])]


def address_of(backend: str, folder: Path) -> str:
    if backend == "folder":
        return str(folder / "gallery")
    if backend == "lite":
        return f"milvus:{folder / 'milvus'}"
    os.environ["NITERU_CROPS"] = str(folder / "crops")
    return f"{SERVER}/t{time.time_ns()}"


def answers(address: str, who: str) -> list[tuple[str, float]]:
    """Answer of a service about a person's first face."""
    live = LiveGallery(address)
    with closing(live.open()) as asked:
        face = asked.queries.faces_of_person(who)[0]
        vector = asked.vector(face.id)
        assert vector is not None
        found = ask(asked, Question(vector, face.person_id, mode="all"))
    return sorted((row.person, round(row.similarity, 4)) for row in found.results)  # equally alike ones in any order

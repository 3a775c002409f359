"""niteru in a process of its own: the work of ``niteru similar``, and its bare steps for comparison."""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import faiss
import numpy as np

from niteru.engine.photos.decode import decode
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Wish
from niteru.indexer.generations.index import KINDS
from niteru.indexer.generations.index.faiss_index import FaissIndex
from niteru.scripts.similar import answer_for

NEAREST = 10


def ask(gallery: str, times: str, *photos: str) -> dict[str, Any]:
    """Time a question by photo and by id, and the bare steps: decoding, finding, embedding and FAISS's own search."""
    live = LiveGallery(gallery)
    live.warm_up()
    opened = live.open()
    generation = opened.generation
    recogniser = live.recogniser(generation)
    index = generation.index  # type: ignore[attr-defined]  # the index that answers, for FAISS's own call
    assert isinstance(index, FaissIndex)
    ids = np.random.default_rng(1).choice(generation.face_ids, int(times) + 1)
    spent: dict[str, list[float]] = {"photo_ms": [], "id_ms": [], "floor_ms": [], "search_ms": []}

    def whole(photo: str) -> None:
        start = perf_counter()
        answer_for(live, photo, Wish(NEAREST))
        spent["photo_ms"].append(perf_counter() - start)

    def bare(photo: str) -> None:
        start = perf_counter()
        image = decode(Path(photo))
        vector = recogniser.embedder.embed(recogniser.detector.crop(image, recogniser.detector.detect(image)[0])[None])
        found = perf_counter()
        faiss.omp_set_num_threads(1)
        index._index.search(vector, NEAREST, params=index._parameters(index.effort, {}))
        end = perf_counter()
        spent["floor_ms"].append(end - start)
        spent["search_ms"].append(end - found)

    for number, (photo, face) in enumerate(zip(photos[: int(times) + 1], ids.tolist(), strict=False)):
        # The second of the two finds the photo in the processor's caches.
        for step in (whole, bare) if number % 2 else (bare, whole):
            step(photo)
        start = perf_counter()
        answer_for(live, f"face:{face}", Wish(NEAREST))
        spent["id_ms"].append(perf_counter() - start)
    opened.close()
    return {step: statistics.median(times[1:]) * 1000 for step, times in spent.items()}


def search(kind: str, file: str, questions: str) -> dict[str, Any]:
    """Time an index of niteru's, with one question at a time for other people's faces, at each effort."""
    vectors, asked = np.load(file), np.load(questions)
    rows, people = asked["asked"], asked["people"]
    KINDS[kind].build(vectors[:1000])  # loads the library, whose memory must not count as the index's
    before, start = _resident_mb(), perf_counter()
    index = KINDS[kind].build(vectors)
    order = np.argsort(people, kind="stable")
    sorted_people = people[order]

    def own_rows(person: int) -> Any:
        """Rows of a person's own faces, found as a generation of niteru's finds them."""
        first, end = np.searchsorted(sorted_people, (person, person + 1))
        return order[first:end]

    figures: dict[str, Any] = {"build_s": perf_counter() - start, "memory_mb": _resident_mb() - before, "efforts": {}}
    for effort in index.EFFORTS:
        index.effort = effort
        spent, found = [], []
        for row in rows.tolist():
            start = perf_counter()
            near = index.search(vectors[row][None], NEAREST, own_rows(int(people[row])))[1][0]
            spent.append(perf_counter() - start)
            found.append(near.tolist())
        figures["efforts"][effort] = {"ms": statistics.median(spent) * 1000, "found": found}
    return figures


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    work, *words = sys.argv[1:]
    works: dict[str, Callable[..., dict[str, Any]]] = {"ask": ask, "search": search}
    sys.stdout.write(json.dumps(works[work](*words)))

"""Time of filtered questions beside unfiltered ones, over people made of vectors: ``python -m bench.filters``.

Each question is asked without and with each filter in turn, so that a busy moment affects all. Every filtered answer is
compared with a search of all vectors.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.publishing import choose_index, publish_faces

K = 10
FILTERS: dict[str, tuple[str, ...]] = {
    "none": (),
    "9 in 10": ("share:..899",),
    "half": ("half:1",),
    "1 in 10": ("share:900..",),
    "1 in 100": ("share:990..",),
    "two, 1 in 20": ("half:1", "share:900.."),
    "1 in 1,000": ("share:999",),
}


def make(folder: Path, people: int, kind: str) -> Vectors:
    """Publish a gallery of people with one photo each; their vectors, float32 (people, dimension)."""
    dice, embedder = np.random.default_rng(0), Embedder()
    vectors = dice.normal(size=(people, embedder.info.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    face = Face((0, 0, 112, 112), np.arange(10, dtype=np.float32).reshape(5, 2), 0.9)
    found = DetectedFace(face, np.zeros((112, 112, 3), np.uint8), ())
    share, half = _said(people)
    with closing(Gallery(folder, readonly=False)) as gallery:
        choose_index(gallery.catalog, kind, None)
        with gallery.catalog.transaction():
            for number, vector in enumerate(vectors):
                photo = PhotoFile(f"P{number}/1.jpg", f"P{number}", f"{number:064d}", 1, 1, "crops", None)
                gallery.catalog.put_photo(photo, [(found, vector)], embedder.info.id)
                columns = (("half", str(half[number])), ("share", str(share[number])))
                gallery.catalog.put_columns(photo.ref, columns)
        publish_faces(gallery, embedder, "crops")
    return vectors


def _said(people: int) -> tuple[list[int], list[int]]:
    """What is said of each: a number from 0 to 999, and 0 or 1."""
    dice = np.random.default_rng(1)
    return dice.integers(0, 1_000, people).tolist(), dice.integers(0, 2, people).tolist()


def _exact(vectors: Vectors, asked: int, where: tuple[str, ...], said: dict[str, list[int]]) -> set[str]:
    passes = np.ones(len(vectors), bool)
    for column, _, value in (condition.partition(":") for condition in where):
        low, _, high = value.partition("..") if ".." in value else (value, "", value)
        values = np.array(said[column])
        passes &= (values >= int(low or 0)) & (values <= int(high or 999))
    rows = np.flatnonzero(passes)
    nearest = rows[np.argpartition(-(vectors[rows] @ vectors[asked]), min(K, len(rows) - 1))[:K]]
    return {f"P{row}" for row in nearest}


def measure(gallery: Gallery, vectors: Vectors, questions: int) -> None:
    """Print the milliseconds of questions, and how many of the K nearest people answers contain, by filter."""
    said = dict(zip(("share", "half"), _said(len(vectors)), strict=True))
    spent: dict[str, list[float]] = {name: [] for name in FILTERS}
    found = dict.fromkeys(FILTERS, 0)
    person = {name: number for number, name, _ in gallery.catalog.queries.people()}
    for asked in np.random.default_rng(2).permutation(len(vectors))[:questions].tolist():
        for name, where in FILTERS.items():
            question = Question(vectors[asked], person[f"P{asked}"], K, mode="all", where=where)
            start = perf_counter()
            answer = ask(gallery, question)
            spent[name].append((perf_counter() - start) * 1000)
            found[name] += len({row.person for row in answer.results} & _exact(vectors, asked, where, said))
    for name, times in spent.items():
        median, slow = np.quantile(times, (0.5, 0.99))
        print(f"{name:14} {median:7.2f} ms, p99 {slow:7.2f} ms, recall {found[name] / (K * questions):.3f}")  # noqa: T201


def main() -> None:
    """Read the options, make the gallery, and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--questions", type=int, default=300)
    options.add_argument("--kind", default="flat")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        vectors = make(Path(folder), chosen.people, chosen.kind)
        with closing(Gallery(folder)) as gallery:
            measure(gallery, vectors, chosen.questions)


if __name__ == "__main__":
    main()

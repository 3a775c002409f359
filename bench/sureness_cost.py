"""What the interval of rarity costs a question by photo: ``python -m bench.sureness_cost [--people 10000]``.

A gallery of made-up vectors, two photos a person, is asked in turns with and without the intervals; the medians in
milliseconds and their difference are printed. One of the galleries' own vectors asks, and three photos of one person.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest import mock

import click
import numpy as np

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.alignment import TEMPLATE
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.indexer.ask import lookalike
from niteru.indexer.ask.how_sure import Interval
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery, GalleryReader
from niteru.indexer.update.publishing import publish_faces

PHOTOS, ROUNDS = 2, 400
_TOLD = Interval(0.1, 0.2)


def fill(folder: Path, people: int) -> None:
    """Publish a gallery of made-up people."""
    gallery, embedder, dice = Gallery(folder, readonly=False), Embedder(), np.random.default_rng(0)
    face = DetectedFace(Face((0, 0, 112, 112), TEMPLATE, 1.0), np.zeros((112, 112, 3), np.uint8), ())
    with contextlib.closing(gallery):
        with gallery.catalog.transaction():
            for person in range(people):
                middle = dice.normal(size=embedder.info.dimension)
                for photo in range(PHOTOS):
                    vector = middle + dice.normal(scale=0.55, size=len(middle))
                    name = f"P{person:06d}"
                    file = PhotoFile(f"{name}/{photo}.jpg", name, f"{person}-{photo}", 1, 1, "crops", None)
                    unit = np.asarray(vector / np.linalg.norm(vector), np.float32)
                    gallery.catalog.put_photo(file, [(face, unit)], embedder.info.id)
        publish_faces(gallery, embedder, "crops")


def milliseconds(gallery: GalleryReader, question: Question, told: bool) -> float:
    """Time of one question, with the intervals or without."""
    without = mock.patch.multiple(lookalike, interval=lambda *_: _TOLD, _variance=lambda *_: 0.0)
    with contextlib.nullcontext() if told else without:
        start = perf_counter()
        ask(gallery, question)
        return (perf_counter() - start) * 1000


@click.command()
@click.option("--people", type=click.IntRange(20), default=10_000, show_default=True)
def main(people: int) -> None:
    """Ask a gallery of so many made-up people."""
    with TemporaryDirectory() as temporary:
        fill(Path(temporary) / "gallery", people)
        with contextlib.closing(Gallery(Path(temporary) / "gallery")) as gallery:
            vectors, dice = gallery.generation.vectors(gallery.generation.face_ids), np.random.default_rng(1)
            for name, photos in (("one photo", None), ("three photos", vectors[:3])):
                times: dict[bool, list[float]] = {True: [], False: []}
                for vector in vectors[dice.integers(0, len(vectors), ROUNDS)]:
                    for told in (True, False):
                        times[told].append(milliseconds(gallery, Question(vector, blur=0.6, photos=photos), told))
                with_it, without = median(times[True]), median(times[False])
                click.echo(
                    f"{name}: {with_it:.2f} ms with intervals, {without:.2f} ms without: "
                    f"{with_it - without:+.2f} ms, {with_it / without:.3f} times as long"
                )


if __name__ == "__main__":
    main()

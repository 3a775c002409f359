"""How sure one may be of a likeness: the spread of single photos, and how often the truth is in the interval told.

``python -m bench.how_sure FIT TEST [--model NAME] [--write]`` prints two Markdown tables. The first is the spread by
blur on the people of FIT, and beside it on those of TEST; ``--write`` puts FIT's into the model's ``model.json``, where
answers take it from. The second is measured on TEST alone: galleries that have some photos of each person are asked
with one photo, with several, and about people by all of the photos there, and each interval of rarity is compared with
what the same question says by all photos of everybody. Four in five should hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.photo_spread import photo_spread
from niteru.engine.faces.quality import blur_of
from niteru.engine.networks.model_folder import read_info, write_info
from niteru.indexer.ask.compared import variances
from niteru.indexer.ask.how_sure import WORDS_OF_SURENESS, Interval, interval, variance_of
from niteru.indexer.ask.neighbours import nearest
from niteru.indexer.ask.persons import Persons, assemble, augmented
from niteru.indexer.ask.resemblance import scale
from niteru.indexer.generations.rarity_calibration import Calibration, calibrate

ROWS, LEAST = 10, 8
"""Rows of an answer; photos that a person of TEST must have."""
BLURS = {"one photo": 0.0, "one photo, blurred by 2": 2.0, "by 4": 4.0}
KEPT = (1, 2, 4, 6)
"""Photos of each person in the gallery."""
HEAD = "| asked with | photos of each person | rows | held the truth | too rare | too common | factor | " + " | ".join(
    WORDS_OF_SURENESS
)


@dataclass(frozen=True, slots=True)
class Told:
    """An interval, and the rarity by all photos."""

    likely: Interval
    truth: float

    @property
    def factor(self) -> float:
        """Factor that the interval spans."""
        return self.likely.most_common / self.likely.rarest


class People:
    """Labelled photos of which some are enrolled.

    Args:
        faces: crops of people.
        embedder: makes their vectors.
    """

    def __init__(self, faces: CropSet, embedder: Embedder) -> None:
        numbers, counts = np.unique(faces.people, return_inverse=True, return_counts=True)[1:]
        rows = np.flatnonzero(counts[numbers] >= LEAST)
        rows = rows[np.argsort(numbers[rows], kind="stable")]
        self.owners = np.unique(numbers[rows], return_inverse=True)[1].astype(np.int64)
        self.crops, self.embedder = np.asarray(faces.crops[rows]), embedder
        self.vectors = embedder.embed(self.crops)
        self.calibration = replace(
            calibrate(self.vectors, self.owners, embedder.info.calibration), spread=embedder.info.spread
        )
        self.everybody = self.persons(self.vectors, self.owners)
        self.truths = scale(self.everybody)

    @staticmethod
    def persons(vectors: Vectors, owners: NDArray[np.int64]) -> Persons:
        """The people of some photos, sorted by person."""
        ids, starts = np.unique(owners, return_index=True)
        return assemble(ids, [str(one) for one in ids], np.append(starts, len(owners)), np.arange(len(owners)), vectors)

    def some(self, each: int, dice: np.random.Generator) -> NDArray[np.int64]:
        """Rows of so many photos of each person."""
        own = [np.flatnonzero(self.owners == person) for person in range(self.owners[-1] + 1)]
        return np.concatenate([np.sort(dice.permutation(rows)[:each]) for rows in own])

    def by_photos(
        self, kept: NDArray[np.int64], asking: int, sigma: float, dice: np.random.Generator
    ) -> Iterator[Told]:
        """Ask a gallery of some photos with each person's other photos, the most alike rows first."""
        starts = np.unique(self.owners[kept], return_index=True)[1]
        each, usual = np.diff(np.append(starts, len(kept))), self.calibration.spread_of()
        for person in range(len(starts)):
            others = np.setdiff1d(np.flatnonzero(self.owners == person), kept)
            chosen = dice.permutation(others)[:asking]
            crops = self.crops[chosen]
            if sigma:
                crops = np.stack([np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8) for crop in crops])
            photos, blur = self.embedder.embed(crops), float(np.mean([blur_of(crop) for crop in crops]))
            probe = robust_mean(photos)
            agreement = float((photos @ probe).mean())
            truth = np.maximum.reduceat(self.vectors @ self.everybody.vectors[person], self.everybody.starts[:-1])
            alike = self.vectors[kept] @ probe
            best = np.maximum.reduceat(alike, starts)
            best[person] = -2
            for row in np.argsort(-best)[:ROWS].tolist():
                face = kept[starts[row] + int(alike[starts[row] : starts[row] + each[row]].argmax())]
                mine = variance_of(photos @ self.vectors[face] / agreement, self.calibration.spread_of(blur))
                theirs = variance_of(best[row : row + 1], usual, int(each[row]))
                likely = interval(self.calibration.rarity, float(best[row]), mine + theirs)
                yield Told(likely, self.calibration.rarity(float(truth[row])))

    def by_people(self, kept: NDArray[np.int64]) -> Iterator[Told]:
        """Ask about each person of a gallery of some photos."""
        persons = self.persons(self.vectors[kept], self.owners[kept])
        measured, usual = scale(persons), np.full(ROWS, self.calibration.spread_of())
        first, second = augmented(persons)
        for person in range(len(persons)):
            scores, rows = nearest(first[person : person + 1], second, person, ROWS)
            variance = variances(persons, np.full(ROWS, person), rows[0], (usual, usual))
            for score, row, both in zip(scores[0].tolist(), rows[0].tolist(), variance.tolist(), strict=True):
                likely = interval(measured.rarity, score, both)
                truth = float(self.everybody.score(np.array([person]), np.array([row]))[0])
                yield Told(likely, self.truths.rarity(truth))


def line(name: str, each: int, told: list[Told]) -> str:
    """Row of the table of intervals."""
    rare = np.mean([one.truth > one.likely.most_common for one in told])
    common = np.mean([one.truth < one.likely.rarest for one in told])
    words = [np.mean([one.likely.how_sure == word for one in told]) for word in WORDS_OF_SURENESS]
    shares = " | ".join(f"{share:.0%}" for share in (1 - rare - common, rare, common))
    factor = float(np.median([one.factor for one in told]))
    return f"| {name} | {each} | {len(told)} | {shares} | {factor:.2g} | " + " | ".join(f"{one:.0%}" for one in words)


def spreads(fitted: dict[str, float], tested: dict[str, float]) -> Iterator[str]:
    """Table of the spread by blur on both sets."""
    yield "| blur | spread on FIT | at that blur on TEST |\n|---|---|---|"
    test = Calibration("model", 0, 1, 1, [], [], [], spread=tested)
    for blur, spread in fitted.items():
        yield f"| {blur} | {spread:.3f} | {test.spread_of(float(blur)):.3f} |"


@click.command()
@click.argument("fit", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("test", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", help="Name or folder of the model; the shipped one by default.")
@click.option("--write", is_flag=True, help="Write the spread on FIT into the model's folder.")
def main(fit: Path, test: Path, model: str | None, write: bool) -> None:
    """Measure the spread of single photos on FIT, and the intervals on TEST, whose people FIT does not have."""
    folder = find_model(model)
    embedder, tested = Embedder(folder), prepare(test)
    spread = photo_spread(embedder, prepare(fit))
    if write:
        write_info(folder, replace(read_info(folder, ModelInfo), spread=spread))
    for text in spreads(spread, photo_spread(embedder, tested)):
        click.echo(text)
    embedder.info = replace(embedder.info, spread=spread)
    people, dice = People(tested, embedder), np.random.default_rng(0)
    click.echo(f"\n{len(people.everybody)} people, {len(people.vectors)} photos\n\n{HEAD} |")
    click.echo("|" + "---|" * (HEAD.count("|")))
    for each in KEPT:
        kept = people.some(each, dice)
        for name, sigma in BLURS.items():
            click.echo(line(name, each, list(people.by_photos(kept, 1, sigma, dice))) + " |")
        click.echo(line("three photos", each, list(people.by_photos(kept, 3, 0.0, dice))) + " |")
        click.echo(line("a person", each, list(people.by_people(kept))) + " |")


if __name__ == "__main__":
    main()

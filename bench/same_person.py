"""How often strangers are told that somebody may be the same person, and how many of the same people are found.

``python -m bench.same_person FACES…  --strangers FOLDER…`` prints a Markdown table. FACES are folders of labelled
people; in FOLDERs every picture shows another person. Galleries of real people go as far as they do; larger ones are
of vectors drawn from the same mean and spread of people, and of photos around them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.pooling import robust_mean
from niteru.engine.evaluation.crop_set import prepare
from niteru.indexer.ask.persons import Persons, assemble
from niteru.indexer.ask.same_person import NEAR_DUPLICATE, SamePerson
from niteru.indexer.generations.rarity_calibration import Calibration, calibrate

SIZES = (5, 15, 50, 250, 1_000, 10_000, 100_000)
KEPT = 6
"""Photos of a person in the gallery, at most; as many of the others ask."""
HEAD = "| people | faces | asked with | strangers told so, of 1,000 | before | own people found | before |"


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Photos of people: unit vectors, float32 (n, dimension), and whose each is, (n,)."""

    vectors: Vectors
    owners: NDArray[np.int64]

    def split(self, number: int, dice: np.random.Generator) -> tuple[People, dict[int, Vectors]]:
        """A gallery of so many of them, and the photos of theirs that ask."""
        kept, asking = [], {}
        order = np.argsort(self.owners, kind="stable")
        people, starts = np.unique(self.owners[order], return_index=True)
        photos = np.split(order, starts[1:])
        for row in dice.permutation(len(people))[:number].tolist():
            person, own = int(people[row]), dice.permutation(photos[row])
            enrolled = own[: min(max(len(own) // 2, 1), KEPT)]
            kept.append(enrolled)
            if len(own) > len(enrolled):
                asking[person] = self.vectors[own[len(enrolled) :][:KEPT]]
        rows = np.concatenate(kept)
        rows = rows[np.argsort(self.owners[rows], kind="stable")]
        return People(self.vectors[rows], self.owners[rows]), asking


def invented(real: People, number: int, dice: np.random.Generator, photos: int = 4) -> People:
    """People whose means and photos spread as those of real ones do, with so many photos each."""
    several = [person for person in np.unique(real.owners) if (real.owners == person).sum() > 1]
    own = [real.vectors[real.owners == person] for person in several]
    middles = np.stack([faces.mean(axis=0) for faces in own])
    around = np.concatenate([(faces - faces.mean(axis=0)) * np.sqrt(len(faces) / (len(faces) - 1)) for faces in own])
    people = dice.multivariate_normal(middles.mean(axis=0), np.cov(middles.T), number)
    faces = people[:, None] + dice.multivariate_normal(np.zeros(people.shape[1]), np.cov(around.T), (number, photos))
    faces /= np.linalg.norm(faces, axis=2, keepdims=True)
    return People(faces.reshape(-1, people.shape[1]).astype(np.float32), np.arange(number).repeat(photos))


class Gallery:
    """A gallery of vectors alone, as it would be published.

    Args:
        people: its photos.
        model: the model's own calibration.
    """

    def __init__(self, people: People, model: dict[str, float]) -> None:
        ids, first, counts = np.unique(people.owners, return_index=True, return_counts=True)
        starts = np.append(first, len(people.owners))
        self.persons: Persons = assemble(ids, [str(one) for one in ids], starts, people.owners, people.vectors)
        self.calibration: Calibration = calibrate(people.vectors, people.owners, model)
        faces = len(people.vectors)
        self._tests = {
            "a photo": SamePerson.of(self.calibration, faces, faces),
            "their photos": SamePerson.of(self.calibration, faces, len(ids)),
        }
        self.rows = {person: row for row, person in enumerate(ids.tolist())}
        numbers, which = np.unique(counts, return_inverse=True)
        self._before = np.array([self.calibration.similarity_at(1e-3 / number) for number in numbers.tolist()])[which]

    def told(self, asking: Vectors, how: str) -> tuple[set[int], set[int]]:
        """Rows of the people who may be the one in these photos, by the rule, and by the one before it."""
        persons, test = self.persons, self._tests[how]
        probe = asking[0] if how == "a photo" else robust_mean(asking)
        best = np.maximum.reduceat(persons.faces @ probe, persons.starts[:-1])
        before = set(np.flatnonzero(best >= self._before).tolist())
        agreement = 1.0 if len(asking) == 1 or how == "a photo" else float((asking @ probe).mean())
        alike = best if how == "a photo" else persons.vectors @ probe
        weights = np.ones(len(persons)) if how == "a photo" else agreement * persons.agreement
        # No agreement is above 1, so that nobody below the lowest of these can be meant.
        near = np.flatnonzero(alike >= min(test.faces, test.averages, NEAR_DUPLICATE)).tolist()
        now = {row for row in near if test.holds(float(alike[row]), float(weights[row]))}
        return now, before


def table(galleries: Iterator[tuple[str, Gallery, dict[int, Vectors], list[Vectors]]]) -> Iterator[str]:
    """Rows of the table for galleries, the photos of their own people, and those of strangers."""
    yield HEAD
    yield "|" + "---|" * (HEAD.count("|") - 1)
    for name, gallery, own, strangers in galleries:
        for how in ("a photo", "their photos"):
            wrong = np.array([[bool(some) for some in gallery.told(photos, how)] for photos in strangers]).mean(axis=0)
            right = [[gallery.rows[one] in some for some in gallery.told(photos, how)] for one, photos in own.items()]
            found = np.array(right).mean(axis=0)
            figures = f"{1000 * wrong[0]:.2f} | {1000 * wrong[1]:.0f} | {found[0]:.0%} | {found[1]:.0%}"
            yield f"| {name} | {len(gallery.persons.faces):,} | {how} | {figures} |"


@click.command()
@click.argument("faces", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--strangers", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(faces: tuple[Path, ...], strangers: tuple[Path, ...]) -> None:
    """Measure galleries of the people in FACES, and of as many invented ones as those do not reach."""
    embedder, dice = Embedder(), np.random.default_rng(0)
    sets = [prepare(folder) for folder in faces]
    names = [f"{number}/{person}" for number, one in enumerate(sets) for person in one.people]
    vectors = np.concatenate([embedder.embed(one.crops) for one in sets])
    real = People(vectors, np.unique(names, return_inverse=True)[1].astype(np.int64))
    others = [row[None] for folder in strangers for row in embedder.embed(prepare(folder, strangers=True).crops)]
    model = embedder.info.calibration

    def galleries() -> Iterator[tuple[str, Gallery, dict[int, Vectors], list[Vectors]]]:
        for size in SIZES:
            if size <= len(np.unique(real.owners)):
                kept, own = real.split(size, dice)
                yield f"{size:,}", Gallery(kept, model), own, others
        for size in SIZES:
            everybody = invented(real, size + 2_000, dice)
            mine = everybody.owners < size
            kept, own = People(everybody.vectors[mine], everybody.owners[mine]).split(size, dice)
            asking = list(everybody.vectors[~mine].reshape(2_000, 4, -1)[:, :2])
            some = dict(list(own.items())[:1_000])
            yield f"{size:,} invented", Gallery(kept, model), some, asking

    for line in table(galleries()):
        click.echo(line)


if __name__ == "__main__":
    main()

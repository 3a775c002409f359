"""Recall of wrong labels: known mistakes are planted in a copy of FACES and sought among the report's suspects.

``python -m bench.planted FACES [--seed 0]`` prints JSON. 5 % of the photos are moved to a wrong person, three people
are split under two names each, and twenty photos are saved again beside themselves, smaller and cut a little. Mistakes
that the labels of FACES had before count as false alarms.
"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from PIL import Image, ImageOps

from niteru.engine.photos.faces_folder import list_photos
from niteru.indexer.ask.catalogued import Catalogued
from niteru.indexer.ask.neighbours import neighbours
from niteru.indexer.ask.persons import everybody
from niteru.indexer.ask.resemblance import scale
from niteru.indexer.ask.same_person_band import SamePersonBand
from niteru.indexer.ask.suspects import Suspect, kinds, suspects
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.serve.report.report import SOUGHT

MOVED, SPLIT, DUPLICATES = 0.05, 3, 20


@dataclass
class Plants:
    """The planted mistakes: photos by their new refs, names, and pairs of refs."""

    moved: set[str] = field(default_factory=set)
    split: set[frozenset[str]] = field(default_factory=set)
    duplicates: set[frozenset[str]] = field(default_factory=set)


def plant(faces: Path, copy: Path, seed: int) -> Plants:
    """Copy a folder of people, with mistakes."""
    rng = random.Random(seed)
    by_person: dict[str, list[Path]] = {}
    for photo in list_photos(faces).photos:
        by_person.setdefault(photo.person, []).append(photo.on_disk)
    names, plants = sorted(by_person), Plants()
    halved = rng.sample(names, SPLIT)
    plants.split = {frozenset((name, f"{name}-again")) for name in halved}
    everything = [(name, path) for name in names for path in by_person[name]]
    chosen = set(rng.sample(range(len(everything)), round(MOVED * len(everything))))
    kept: list[tuple[str, Path]] = []
    for number, (name, path) in enumerate(everything):
        to = f"{name}-again" if name in halved and by_person[name].index(path) % 2 else name
        if number in chosen:
            to = rng.choice([other for other in names if other != name])
            plants.moved.add(f"{to}/{path.name}")
        (copy / to).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy / to / path.name)
        if number not in chosen:
            kept.append((to, path))
    for to, path in rng.sample(kept, DUPLICATES):
        again = save_again(path, copy / to)
        plants.duplicates.add(frozenset((f"{to}/{path.name}", f"{to}/{again.name}")))
    return plants


def save_again(path: Path, folder: Path) -> Path:
    """Save a photo again: cut a little, smaller, and of lower quality."""
    again = folder / f"again-{path.name}.jpg"
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
        width, height = image.size
        cut = image.crop((width // 40, height // 40, width - width // 40, height - height // 40))
        cut.resize((max(1, width * 4 // 5), max(1, height * 4 // 5))).save(again, quality=70)
    return again


def count(plants: Plants, found: dict[str, list[Suspect]]) -> dict[str, Any]:
    """Count the mistakes that are among the suspects."""
    moved = [one.photo for one in found.get("moved", [])]
    split = [frozenset((one.person, one.other_person)) for one in found.get("split", [])]
    twice = {frozenset((one.photo, one.other_photo)) for one in found.get("duplicate", [])}
    right = len(plants.moved & set(moved))
    return {
        "moved": {
            "planted": len(plants.moved),
            "reported": len(moved),
            "recall": round(right / len(plants.moved), 3),
            "precision": round(right / max(len(moved), 1), 3),
        },
        "split": {
            "planted": SPLIT,
            "reported": len(split),
            "places": sorted(split.index(one) + 1 for one in plants.split if one in split),
        },
        "duplicates": {"planted": DUPLICATES, "reported": len(twice), "found": len(plants.duplicates & twice)},
        "mixed": {"reported": len(found.get("mixed", []))},
        "missed_duplicates": [sorted(pair) for pair in plants.duplicates - twice],
        "missed_moved": sorted(plants.moved - set(moved)),
        "wrongly_moved": [
            (one.photo, one.other_person, round(one.score, 3))
            for one in found.get("moved", [])
            if one.photo not in plants.moved
        ],
    }


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", type=int, default=0, show_default=True)
def main(faces: Path, seed: int) -> None:
    """Plant mistakes in a copy of FACES, index it, and count them among its suspects."""
    with TemporaryDirectory() as root:
        copy, folder = Path(root) / "faces", Path(root) / "gallery"
        plants = plant(faces, copy, seed)
        update(folder, copy)
        gallery = Gallery(folder)
        persons = everybody(gallery)
        found = neighbours(persons, SOUGHT, Path(root) / "work")
        band = SamePersonBand(persons, gallery.generation.calibration)
        by_kind = kinds(suspects(gallery, persons, Catalogued(gallery, persons), found, scale(persons), band))
        gallery.close()
    click.echo(json.dumps(count(plants, by_kind), indent=1))


if __name__ == "__main__":
    main()

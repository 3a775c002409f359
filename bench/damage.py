"""Search for damage to a gallery's files that crashes niteru, is not noticed, or cannot be mended.

``python -m bench.damage [--cases 5000] [--only catalog.sqlite]`` damages every file of a small gallery of drawn people
that many times, prints JSON, and exits with status 1 if anything but a plain error or the right answer came of it, or
if ``niteru index`` did not bring the right answer back. The gallery lies in memory where the system has a place for it,
and each crop is embedded once.
"""

from __future__ import annotations

import json
import logging
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench.mutations import mutated
from bench.remembered_network import remembered_networks
from niteru.engine.drawn import write_people
from niteru.engine.failure import Failure
from niteru.engine.work.progress import progress_bar
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.verifying import verify

PEOPLE, PHOTOS = 3, 2
_IN_MEMORY = Path("/dev/shm")
EMPTIED, GONE = 20, 21
"""One case in so many empties the file, or takes it away."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sound gallery, the photos it was made of, and what it answers."""

    folder: Path
    photos: Path
    answer: Any
    crops: list[bytes]

    @classmethod
    def make(cls, root: Path) -> Sample:
        """Draw people, and index them."""
        list(write_people(root / "photos", people=PEOPLE, photos=PHOTOS))
        update(root / "gallery", root / "photos", crops=True)
        return cls(root / "gallery", root / "photos", answer_of(root / "gallery"), crops_of(root / "gallery"))

    def parts(self) -> list[str]:
        """Files to damage, below the gallery's folder; of the crops, one."""
        files = [file for file in sorted(self.folder.rglob("*")) if file.is_file() and file.stat().st_size]
        names = [
            file.relative_to(self.folder).as_posix() for file in files if not file.name.startswith((".", "index."))
        ]
        first = next(name for name in names if name.startswith("crops/"))
        return [name for name in names if not name.startswith("crops/") or name == first]


def answer_of(folder: Path) -> Any:
    """Everything a gallery says, but for numbers that are given anew when a photo is read again."""
    with closing(Gallery(folder)) as gallery:
        queries, generation = gallery.catalog.queries, gallery.generation
        faces = queries.faces(generation.face_ids.tolist())
        said = []
        for face in sorted(faces.values(), key=lambda one: one.photo):
            vector = generation.vector(face.id)
            assert vector is not None
            near = generation.nearest(vector, len(faces), face.person_id)
            rows = [
                (faces[int(face)].photo, round(float(score), 4))
                for face, score in zip(near.face_ids, near.similarities, strict=True)
                if int(face) in faces
            ]
            said.append((face.photo, face.person, face.box, face.landmarks, face.quality, sorted(rows)))
        return said


def crops_of(folder: Path) -> list[bytes]:
    """Pixels of all crops; of a lost one, none."""
    with closing(Gallery(folder)) as gallery:
        faces = gallery.catalog.queries.photo_of_faces()
        crops = [gallery.crop(face) for face in sorted(faces, key=faces.__getitem__)]
        return [b"" if crop is None else crop.tobytes() for crop in crops]


def damage(file: Path, rng: random.Random) -> None:
    """Damage one file as disks, transfers and full disks do."""
    kind = rng.randrange(EMPTIED + 2)
    if kind == GONE:
        file.unlink()
    elif kind == EMPTIED:
        file.write_bytes(b"")
    else:
        file.write_bytes(mutated(file.read_bytes(), rng.randbytes(file.stat().st_size), rng))


def problems(sample: Sample, part: str, number: int, work: Path) -> Iterator[str]:
    """Damage a copy of the gallery once, ask it, and mend it; yields what should not have been."""
    folder = work / "gallery"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sample.folder, folder)
    damage(folder / part, random.Random(f"{part} {number}"))
    for step in (_asked, _verified, _mended):
        try:
            yield from step(sample, folder)
        except Failure as error:
            if step is _mended:
                yield f"not mended: {error}"
        except Exception:
            yield f"{step.__name__}: {_last_line()}"


def _asked(sample: Sample, folder: Path) -> Iterator[str]:
    if answer_of(folder) != sample.answer:
        yield "unnoticed: another answer"
    if not all(crop in (b"", sound) for crop, sound in zip(crops_of(folder), sample.crops, strict=True)):
        yield "unnoticed: another crop"


def _verified(_: Sample, folder: Path) -> Iterator[str]:
    verify(folder)
    yield from ()


def _mended(sample: Sample, folder: Path) -> Iterator[str]:
    update(folder, sample.photos, crops=True)
    if answer_of(folder) != sample.answer:
        yield "not mended: another answer"
    if crops_of(folder) != sample.crops:
        yield "not mended: another crop"
    yield from (f"not mended: {problem}" for problem in verify(folder).problems)


def _last_line() -> str:
    lines = traceback.format_exc().strip().splitlines()
    where = [line.strip() for line in lines if line.strip().startswith("File")]
    return f"{lines[-1]} <- {where[-1] if where else ''}"


@click.command()
@click.option("--cases", type=int, default=5000, show_default=True, help="Number of damages for each file.")
@click.option("--only", multiple=True, help="Files to damage; by default all.")
@click.option("--first", type=int, default=0, help="Number of the first case, to repeat one.")
def main(cases: int, only: tuple[str, ...], first: int) -> None:
    """Damage the files of a gallery, and mend them."""
    logging.disable()
    found: dict[str, Counter[str]] = {}
    examples: dict[str, int] = {}
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as place, remembered_networks():
        sample = Sample.make(Path(place) / "sound")
        parts = [part for part in sample.parts() if not only or any(one in part for one in only)]
        with progress_bar("damages", cases * len(parts), "case") as bar:
            for part in parts:
                found[part] = Counter()
                for number in range(first, first + cases):
                    for problem in problems(sample, part, number, Path(place)):
                        found[part][problem] += 1
                        examples.setdefault(f"{part}: {problem}", number)
                    bar.update()
    click.echo(json.dumps({"cases": cases, "problems": found, "first_case": examples}, indent=1))
    sys.exit(any(found.values()))


if __name__ == "__main__":
    main()

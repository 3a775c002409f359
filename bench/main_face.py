"""The main face: how often it is chosen where a photograph shows several, and whether learnt weights would do better.

``python -m bench.main_face DIR…`` prints a table for each folder, the photographs that are wrong, and the weights that
the photographs of all folders would teach, each tried on the photograph that was left out. What is right comes from a
``boxes.csv`` in the folder (``file,x,y,width,height``: the face that the photograph is of). In a folder of people it is
the face that agrees with the person's photographs of one face; photographs without a clear answer are left out.

*Windows* are cut from the photographs so that the main face is whole and not in the middle.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from niteru.engine.embedding.recogniser import Recogniser
from niteru.engine.faces.contact_sheet import contact_sheet, mark_faces, save_picture
from niteru.engine.faces.detections import overlap
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.engine.faces.main_face import Prominence, main_face, prominence
from niteru.engine.photos.decode import decode
from niteru.engine.photos.faces_folder import list_photos
from niteru.engine.photos.photo_error import PhotoError

Size = tuple[int, int]
SAME = 0.5
"""Intersection over union from which a face is the one in ``boxes.csv``."""
CUT_OFF, LEFT_OF_A_FACE = 0.22, 0.5
"""Share of a side that a window leaves out, and share of a box that must be in it for the face to be there."""
STEADY = 0.1
"""Weight of the squares of the learnt weights, which holds them small."""


@dataclass(frozen=True, slots=True)
class Group:
    """A photograph or window of several faces, the largest first, and the place of the main one."""

    file: Path
    size: Size
    faces: list[Face]
    main: int


@click.command()
@click.argument("folders", type=click.Path(exists=True, file_okay=False, path_type=Path), nargs=-1, required=True)
@click.option("--sheet", type=click.Path(path_type=Path), help="Picture of the photographs that are wrong.")
def main(folders: tuple[Path, ...], sheet: Path | None) -> None:
    """Count for the photographs in FOLDERS."""
    recogniser, everything = Recogniser.load(), list[Group]()
    for folder in folders:
        groups = list((_by_boxes if (folder / "boxes.csv").is_file() else _by_people)(folder, recogniser))
        everything += groups
        _print_table(folder, groups)
    wrong = [group for group in everything if main_face(group.faces, group.size) != group.main]
    for group in wrong:
        click.echo(f"wrong: {group.file}: {main_face(group.faces, group.size)}, not {group.main}")
    if sheet and wrong:
        save_picture(sheet, contact_sheet([(_marked(group), group.file.name) for group in wrong], 6, 250))
    _print_learnt(everything)


def _by_boxes(folder: Path, recogniser: Recogniser) -> Iterator[Group]:
    with (folder / "boxes.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            file = folder / row["file"]
            image = decode(file)
            faces = recogniser.detector.detect(image)
            boxes = np.array([face.box for face in faces], np.float32).reshape(-1, 4)
            shared = overlap(np.array([float(row[side]) for side in ("x", "y", "width", "height")], np.float32), boxes)
            if len(faces) > 1 and shared.max() >= SAME:
                yield Group(file, (image.shape[1], image.shape[0]), faces, int(shared.argmax()))


def _by_people(folder: Path, recogniser: Recogniser) -> Iterator[Group]:
    """Photographs in which one face is the person's beyond doubt, and no other could be."""
    levels = recogniser.embedder.info.calibration
    people: dict[str, list[tuple[Path, Size, list[DetectedFace]]]] = defaultdict(list)
    for photo in list_photos(folder).photos:
        try:
            image = decode(photo.on_disk)
        except PhotoError:
            continue
        if found := recogniser.faces(image):
            people[photo.person].append((photo.on_disk, (image.shape[1], image.shape[0]), found))
    for photos in people.values():
        alone = [found[0] for _, _, found in photos if len(found) == 1]
        if len(alone) < 2:
            continue
        person = recogniser.vectors(alone).sum(axis=0)
        for file, size, found in photos:
            alike = recogniser.vectors(found) @ (person / np.linalg.norm(person))
            best, *others = sorted(alike.tolist(), reverse=True)
            if others and best >= levels["0.001"] and others[0] < levels["0.01"]:
                yield Group(file, size, [one.face for one in found], int(alike.argmax()))


def _windows(group: Group) -> Iterator[Group]:
    """The photograph without its left, upper, right or lower part, where the main face stays whole."""
    width, height = group.size
    across, down = round(CUT_OFF * width), round(CUT_OFF * height)
    for left, top, cut in ((across, 0, across), (0, down, down), (0, 0, across), (0, 0, down)):
        size = (width - cut, height) if cut is across else (width, height - cut)
        moved = [replace(face, box=(face.box[0] - left, face.box[1] - top, *face.box[2:])) for face in group.faces]
        seen = [face for face in moved if _share(face, size) >= LEFT_OF_A_FACE]
        if len(seen) > 1 and prominence(moved[group.main], size).whole >= 0.5:
            yield Group(group.file, size, seen, seen.index(moved[group.main]))


def _share(face: Face, size: Size) -> float:
    """Share of a box that is in the picture."""
    (x, y, across, down), (width, height) = face.box, size
    return max(min(x + across, width) - max(x, 0), 0) * max(min(y + down, height) - max(y, 0), 0) / (across * down)


def _central(faces: list[Face], size: Size) -> int:
    off = [np.hypot(2 * x + across - size[0], 2 * y + down - size[1]) for x, y, across, down in (f.box for f in faces)]
    return int(np.argmin(off))


CHOICES: dict[str, Callable[[list[Face], Size], int]] = {
    "main": main_face,
    "largest": lambda faces, size: 0,
    "center": _central,
}


def _print_table(folder: Path, groups: list[Group]) -> None:
    hard = [group for group in groups if group.main]
    windows = [window for group in groups for window in _windows(group)]
    click.echo(f"{folder}: {len(groups)} photographs of several faces")
    click.echo(f"{'choice':10}{'right':>12}{'not largest':>14}{'windows':>12}")
    for name, choice in CHOICES.items():
        cells = [f"{_right(choice, some)}/{len(some)}" for some in (groups, hard, windows)]
        click.echo(f"{name:10}{cells[0]:>12}{cells[1]:>14}{cells[2]:>12}")


def _right(choice: Callable[[list[Face], Size], int], groups: list[Group]) -> int:
    return sum(choice(group.faces, group.size) == group.main for group in groups)


def _print_learnt(groups: list[Group]) -> None:
    measures = [np.array([prominence(face, group.size) for face in group.faces]) for group in groups]
    mains = [group.main for group in groups]
    weights = _learnt(measures, mains)
    left_out = 0
    for row, (faces, right) in enumerate(zip(measures, mains, strict=True)):
        others = _learnt(measures[:row] + measures[row + 1 :], mains[:row] + mains[row + 1 :], weights)
        left_out += int((faces @ others).argmax()) == right
    told = zip(Prominence._fields, weights / weights[0], strict=True)
    click.echo(f"learnt weights: {', '.join(f'{name} {weight:.2f}' for name, weight in told)}")
    click.echo(f"right by the weights that the others teach: {left_out}/{len(groups)}")


def _learnt(
    measures: list[NDArray[np.float64]], mains: list[int], start: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Weights by which the main faces are likeliest (a conditional logit), float64 (3,)."""

    def unlikely(weights: NDArray[np.float64]) -> float:
        sums = [faces @ weights for faces in measures]
        chances = sum(np.logaddexp.reduce(some) - some[main] for some, main in zip(sums, mains, strict=True))
        return float(chances + STEADY * weights @ weights)

    found: NDArray[np.float64] = minimize(unlikely, np.ones(3) if start is None else start).x
    return found


def _marked(group: Group) -> NDArray[np.uint8]:
    right = [place == group.main for place in range(len(group.faces))]
    marks = [(face, "main" * one, one) for face, one in zip(group.faces, right, strict=True)]
    return mark_faces(decode(group.file), marks)


if __name__ == "__main__":
    main()

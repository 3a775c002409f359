"""How often a neighbour's face would take a name whose own face was not detected.

``python -m bench.name_boxes FACES`` prints a row for each size in which programs may draw boxes; they are imitated by
the detector's own, drawn larger around the same middle. FACES is a folder of photos of several people.
"""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.faces.extraction import process_detector
from niteru.engine.photos.decode import SUFFIXES, read_picture
from niteru.engine.photos.names.matching import may_be_of
from niteru.engine.photos.names.relative_box import RelativeBox

TIMES = (1.0, 1.5, 2.0, 2.5, 3.0)


def boxes_in(photo: Path) -> list[RelativeBox]:
    """Boxes of the faces in a photo."""
    picture = read_picture(photo)
    height, width = picture.pixels.shape[:2]
    found = process_detector(crops=False).detect(picture.pixels)
    return [RelativeBox(x / width, y / height, w / width, h / height) for x, y, w, h in (face.box for face in found)]


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(faces: Path) -> None:
    """Measure the photos in FACES."""
    photos = sorted(file for file in faces.rglob("*") if file.suffix.lower() in SUFFIXES)
    groups = [boxes for boxes in map(boxes_in, photos) if len(boxes) > 1]
    pairs = [(one, other) for boxes in groups for one in boxes for other in boxes if one is not other]
    click.echo(f"{len(photos)} photos, {len(groups)} of several faces, {len(pairs)} pairs of neighbours")
    click.echo("sides  middle half  anywhere inside")
    for times in TIMES:
        drawn = [
            (RelativeBox.around(*one.centre, times * one.width, times * one.height), other) for one, other in pairs
        ]
        taken = sum(may_be_of(box, face) for box, face in drawn) / len(pairs)
        inside = sum(may_be_of(box, face, middle=1.0) for box, face in drawn) / len(pairs)
        click.echo(f"×{times:.1f}   {taken:11.1%}  {inside:15.1%}")


if __name__ == "__main__":
    main()

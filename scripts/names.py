"""``niteru names``: list the names that people have given to faces, and take them out again."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.named_faces import NamedFace, named_faces
from niteru.indexer.naming.written_names import NotBeside, Written, photo_on_disk, photos_to_write, write_names
from niteru.scripts.common import ask, gallery_option, json_option, plain_errors, print_json, yes_option
from niteru.serve.csv_table import write_csv

SHOWN = 20
COLUMNS = ("path", "person", "box", "source")


@click.command("names")
@gallery_option
@click.option(
    "--csv",
    "table",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a table with a row for each named face: path, person, box, source.",
)
@click.option(
    "--write-xmp",
    is_flag=True,
    help="Write the names with their boxes into files of XMP beside the photos, for other photo programs.",
)
@yes_option
@json_option
@plain_errors
def command(gallery: str, table: Path | None, write_xmp: bool, yes: bool, as_json: bool) -> None:
    """List the names that people have given to faces.

    These are the names said by hand (`niteru name`) and those that photo programs wrote into photos or beside them
    (`niteru index --names metadata`). Names that only a folder gives are not listed. Boxes are left, top, width and
    height in pixels of the upright photo.

    The table can be indexed as far as a photo shows one person; of a photo that shows several, keep one row. With
    --write-xmp, IMG.jpg.xmp beside each photo gets the names that it lacks; a photo itself is never changed.

    \b
    Examples:
      niteru names
      niteru names --json
      niteru names --csv names.csv
      niteru names --write-xmp
    """
    with closing(Gallery(gallery)) as opened:
        faces, written = named_faces(opened.catalog), None
        if table is not None:
            _save(opened.catalog, faces, table)
        if write_xmp:
            written = _write(opened.catalog, gallery, sure=yes)
    if as_json:
        told = {"faces": [asdict(face) for face in faces]}
        print_json(told | ({} if written is None else {"xmp": asdict(written)}))
        return
    _list(faces, gallery)
    if table is not None:
        click.echo(f"{len(faces)} faces: {table}")
    if written is not None:
        _tell(written)


def _list(faces: list[NamedFace], gallery: str) -> None:
    people: dict[str, Counter[str]] = defaultdict(Counter)
    for face in faces:
        people[face.person]["+".join(face.sources)] += 1
    for person, sources in people.items():
        said = ", ".join(f"{source} {count}" for source, count in sources.most_common())
        click.echo(f"{sources.total():6}  {person}  ({said})")
    if not people:
        click.echo(
            f"{gallery}: nobody has been named by hand, nor by a photo program: niteru name, niteru index --names"
        )


def _save(catalog: Catalog, faces: list[NamedFace], table: Path) -> None:
    states, below = catalog.queries.photos(), table.absolute().parent
    rows = []
    for face in faces:
        try:
            path = photo_on_disk(catalog, states[face.photo])
            place = path.relative_to(below).as_posix() if path.is_relative_to(below) else str(path)
        except NotBeside:
            place = face.photo
        values = place, face.person, " ".join(map(str, face.box)), "+".join(face.sources)
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    with table.open("w", encoding="utf-8-sig", newline="") as out:
        write_csv(out, COLUMNS, rows)


def _write(catalog: Catalog, gallery: str, *, sure: bool) -> Written:
    count = len(photos_to_write(catalog))
    question = f"{gallery}: this would write names beside {count} photos. Go on?"
    if not count or sure or ask(question, otherwise=True):
        return write_names(catalog)
    raise click.Abort


def _tell(written: Written) -> None:
    click.echo(f"names written beside {len(written.written)} photos; {written.unchanged} have them already")
    for ref, reason in list(written.left_out.items())[:SHOWN]:
        click.echo(f"  left out: {ref}: {reason}")
    if len(written.left_out) > SHOWN:
        click.echo(f"  left out: … and {len(written.left_out) - SHOWN} more; --json lists them all")

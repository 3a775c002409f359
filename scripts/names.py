"""``niteru names``: list the names that people have given to faces, and take them out again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.tables.usual_columns import Meaning
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives.columns_of_people import facts_of_people
from niteru.indexer.naming.named_faces import NamedFace, named_faces
from niteru.indexer.naming.written_names import NotBeside, Written, photo_on_disk, photos_to_write, write_names
from niteru.scripts.common import ask, gallery_option, json_option, plain_errors, print_json, yes_option
from niteru.serve.csv_table import write_csv

SHOWN = 20
FOLDER = "folder"
"""Source of the names that only folders give."""
COLUMNS = ("path", "person", "box", "source")
TOLD = (Meaning.BORN, Meaning.FAMILY)


@click.command("names")
@gallery_option
@click.option(
    "--csv",
    "table",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a table with a row for each named face: path, person, box, source; and born and family, where these "
    "were told by hand, with all faces of those people.",
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
    (`niteru index --names metadata`), and what was told of people by hand (`niteru name --born`, `--family`). Names
    that only a folder gives are not listed. Boxes are left, top, width and height in pixels of the upright photo.

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
        faces, told, written = named_faces(opened.catalog), _told(opened.catalog), None
        if table is not None:
            _save(opened.catalog, [*faces, *_faces_of(opened.catalog, told, faces)], told, table)
        if write_xmp:
            written = _write(opened.catalog, gallery, sure=yes)
    if as_json:
        people = [{"person": person, **facts} for person, facts in told.items()]
        said = {"faces": [asdict(face) for face in faces], "people": people}
        print_json(said | ({} if written is None else {"xmp": asdict(written)}))
        return
    _list(faces, told, gallery)
    if table is not None:
        click.echo(f"{len(faces)} faces: {table}")
    if written is not None:
        _tell(written)


def _told(catalog: Catalog) -> dict[str, dict[str, str]]:
    """What was told by hand of the people who are there, by name."""
    facts = facts_of_people(catalog)
    found = {name: facts.get(name_key(name), {}) for _, name, _ in catalog.queries.people()}
    return {name: {str(one): text for one, text in said.items()} for name, said in found.items() if said}


def _faces_of(catalog: Catalog, people: Iterable[str], listed: list[NamedFace]) -> Iterator[NamedFace]:
    """The faces of people that only a folder names: without a row there would be nothing to write beside."""
    known = {face.face for face in listed}
    for person in people:
        for row in catalog.queries.faces_of_person(person):
            if row.id not in known:
                yield NamedFace(row.id, row.photo, row.second, person, row.box, (FOLDER,))


def _list(faces: list[NamedFace], told: dict[str, dict[str, str]], gallery: str) -> None:
    people: dict[str, Counter[str]] = defaultdict(Counter)
    for face in faces:
        people[face.person]["+".join(face.sources)] += 1
    for person, sources in people.items():
        said = ", ".join(f"{source} {count}" for source, count in sources.most_common())
        click.echo(f"{sources.total():6}  {person}  ({said})")
    for person, facts in told.items():
        said = ", ".join(f"{meaning}: {value.replace(';', ', ') or 'none'}" for meaning, value in facts.items())
        click.echo(f"        {person}  {said}")
    if not people and not told:
        click.echo(
            f"{gallery}: nobody has been named by hand, nor by a photo program: niteru name, niteru index --names"
        )


def _save(catalog: Catalog, faces: list[NamedFace], told: dict[str, dict[str, str]], table: Path) -> None:
    further = [str(meaning) for meaning in TOLD if any(meaning in facts for facts in told.values())]
    states, below = catalog.queries.photos(), table.absolute().parent
    rows = []
    for face in faces:
        try:
            path = photo_on_disk(catalog, states[face.photo])
            place = path.relative_to(below).as_posix() if path.is_relative_to(below) else str(path)
        except NotBeside:
            place = face.photo
        values = place, face.person, " ".join(map(str, face.box)), "+".join(face.sources)
        facts = told.get(face.person, {})
        rows.append(dict(zip(COLUMNS, values, strict=True)) | {name: facts.get(name, "") for name in further})
    with table.open("w", encoding="utf-8-sig", newline="") as out:
        write_csv(out, [*COLUMNS, *further], rows)


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

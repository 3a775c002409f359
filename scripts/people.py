"""``niteru people``: list the people in a gallery."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

import click

from niteru.indexer.ask.listed_people import listed_people, named_people
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives.columns_of_people import columns_of_people
from niteru.scripts.common import (
    columns_in_words,
    gallery_option,
    json_option,
    plain_errors,
    print_json,
    where_option,
)


@click.command("people")
@gallery_option
@where_option
@json_option
@plain_errors
def command(gallery: str, where: tuple[str, ...], as_json: bool) -> None:
    """List the people in the gallery.

    Everybody is listed by name, with the number of their faces, and what a table of photos says of them.

    \b
    Examples:
      niteru people
      niteru people --where agency:Elite --where born:1990..2000
      niteru people --json
    """
    with closing(Gallery(gallery)) as opened:
        people = listed_people(named_people(opened.queries.people()), columns_of_people(opened.catalog), where)
    if as_json:
        print_json({"people": [asdict(one) for one in people]})
        return
    for one in people:
        said = columns_in_words(one.columns)
        click.echo(f"{one.faces:6}  {one.person}{f'  ({said})' if said else ''}")
    if where and not people:
        click.echo("nobody in the gallery meets all of the conditions")

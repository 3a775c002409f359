"""``niteru people``: list the people in a gallery."""

from __future__ import annotations

from contextlib import closing

import click

from niteru.indexer.gallery import Gallery
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("people")
@gallery_option
@json_option
@plain_errors
def command(gallery: str, as_json: bool) -> None:
    """List the people in the gallery.

    Everybody is listed by name, with the number of their faces.

    \b
    Examples:
      niteru people
      niteru people --json
    """
    with closing(Gallery(gallery)) as opened:
        people = [{"person": name, "faces": faces} for _, name, faces in opened.catalog.queries.people()]
    if as_json:
        print_json({"people": people})
        return
    for row in people:
        click.echo(f"{row['faces']:6}  {row['person']}")

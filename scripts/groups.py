"""``niteru groups``: list the groups of faces that nobody has named."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

import click

from niteru.indexer.gallery import Gallery
from niteru.indexer.naming.piles import Pile, Piles
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json

SHOWN = 40


@click.command("groups")
@gallery_option
@click.option("--all", "everything", is_flag=True, help=f"List all groups, not only the {SHOWN} largest.")
@json_option
@plain_errors
def command(gallery: str, everything: bool, as_json: bool) -> None:
    """List the groups of faces that nobody has named.

    Faces in photos without a person's folder, and those beside a named one, fall into groups of what seems to be one
    person, the largest first. A group may be somebody who has a name already, or a part of a larger group: that is
    said, and decided by nobody but you. `niteru name` gives groups a name.

    \b
    Examples:
      niteru groups
      niteru groups --all
      niteru groups --json
    """
    with closing(Gallery(gallery)) as opened:
        found = Piles(opened)[:]
    if as_json:
        print_json({"groups": [asdict(pile) for pile in found]})
        return
    shown = found if everything else found[:SHOWN]
    for pile in shown:
        click.echo(_line(pile))
    if len(shown) < len(found):
        click.echo(f"… and {len(found) - len(shown)} smaller ones; --all lists them")
    if found:
        click.echo(f"name one: niteru name {found[0].number} NAME, or look at them: niteru serve")
    else:
        click.echo(f"{gallery}: everybody has a name")


def _line(pile: Pile) -> str:
    faces = f"{len(pile.faces)} {'face' if len(pile.faces) == 1 else 'faces'}"
    photos = f"{pile.photos} {'photo' if pile.photos == 1 else 'photos'}"
    return f"{pile.name:14} {faces:>10} in {photos}" + (f"; perhaps {pile.perhaps}" if pile.perhaps else "")

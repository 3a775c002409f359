"""``niteru add``: enrol photos of a person by hand."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.indexer.update.adding import add
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.scripts.index import print_summary


@click.command("add")
@click.argument("person")
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True, type=click.Path(path_type=Path))
@gallery_option
@json_option
@plain_errors
def command(person: str, photos: tuple[Path, ...], gallery: str, as_json: bool) -> None:
    """Add photos of a person by hand.

    PERSON is a name, new or known, and each PHOTO a file. Added photos stay when `niteru index` brings the rest of the
    gallery up to date; `niteru forget` removes them.

    \b
    Examples:
      niteru add "Ada Lovelace" portrait.jpg
      niteru add C7211 new/*.jpg --gallery gallery
    """
    summary = add(gallery, person, list(photos))
    print_json(summary.to_dict()) if as_json else print_summary(summary, gallery)

"""``niteru add``: photos of a person, by hand."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.indexer.update.adding import add
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.scripts.index import tell


@click.command("add")
@click.argument("person")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@gallery_option
@json_option
@plain_errors
def command(person: str, photos: tuple[Path, ...], gallery: str, as_json: bool) -> None:
    """Enrol PHOTOS of PERSON beside what `niteru index` enrolled, which leaves them there; `niteru forget` does not.

    \b
    niteru add "Ada Lovelace" portrait.jpg
    niteru add C7211 new/*.jpg --gallery gallery
    """
    summary = add(gallery, person, list(photos))
    print_json(summary.to_dict()) if as_json else tell(summary, gallery)

"""``niteru rollback``: the generation before this one."""

from __future__ import annotations

import click

from niteru.indexer.catalog.database import CatalogError
from niteru.indexer.storage.open import open_backend
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("rollback")
@gallery_option
@json_option
@plain_errors
def command(gallery: str, as_json: bool) -> None:
    """Let the generation before the current one answer again; a running service changes over by itself.

    The catalogue stays as it is: faces that were removed since stay out of every answer, and the next `niteru index`
    publishes it anew.

    \b
    niteru rollback --gallery gallery
    """
    backend = open_backend(gallery)
    if not backend.exists():
        raise CatalogError(f"{backend.name}: no gallery here")
    with backend.lock():
        number = backend.generations.rollback()
    if as_json:
        print_json({"generation": number})
    else:
        click.echo(f"{gallery}: generation {number} answers now; niteru index publishes the catalogue anew")

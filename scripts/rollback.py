"""``niteru rollback``: go back to the previous generation of the index."""

from __future__ import annotations

import click

from niteru.indexer.update.rolling_back import roll_back
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("rollback")
@gallery_option
@json_option
@plain_errors
def command(gallery: str, as_json: bool) -> None:
    """Go back to the previous generation of the index.

    A running service changes over by itself. The catalogue stays as it is: faces that were removed since stay out of
    all answers, and the next `niteru index` publishes a new generation from it.

    \b
    Examples:
      niteru rollback --gallery gallery
    """
    number = roll_back(gallery)
    if as_json:
        print_json({"generation": number})
    else:
        click.echo(f"{gallery}: generation {number} answers now; the next niteru index publishes a new one")

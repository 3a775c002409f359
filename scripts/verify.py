"""``niteru verify``: check a gallery for damage and contradictions."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from niteru.indexer.update.verifying import verify
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("verify")
@gallery_option
@json_option
@plain_errors
def command(gallery: str, as_json: bool) -> None:
    """Check the gallery for damage and contradictions.

    The check covers checksums, the catalogue and the index against each other, crops, the model, and a sample of faces
    that is embedded again. It changes nothing. Every problem is printed on one line with the next step, and the exit
    status is 1 if there are any.

    \b
    Examples:
      niteru verify --gallery gallery
    """
    verdict = verify(gallery)
    if as_json:
        print_json({"ok": not verdict.problems, **asdict(verdict)})
    else:
        for problem in verdict.problems:
            click.echo(problem)
        click.echo(
            f"{gallery}: {verdict.generations} generations, {verdict.faces} faces, {verdict.embedded_again} embedded "
            f"again: {len(verdict.problems) or 'no'} problem{'s' * (len(verdict.problems) != 1)}"
        )
    if verdict.problems:
        sys.exit(1)

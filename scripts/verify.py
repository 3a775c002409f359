"""``niteru verify``: is the gallery what it says it is?"""

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
    """Check checksums, the catalogue against the index and both ways, crops, the model, and a sample embedded again.

    Changes nothing. Exit status 1 if anything is wrong; every problem is one line with its next step.

    \b
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

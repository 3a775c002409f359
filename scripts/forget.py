"""``niteru forget``: remove a person or photos for good, with proof."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from niteru.indexer.update.forgetting import Receipt, forget
from niteru.scripts.common import ask, fail, gallery_option, json_option, plain_errors, print_json, yes_option


@click.command("forget")
@click.argument("person", required=False)
@click.option(
    "--photo",
    "photos",
    metavar="NAME/FILE",
    multiple=True,
    help="Photo to forget instead of a person, by its path in the gallery. Can be given several times.",
)
@gallery_option
@yes_option
@json_option
@plain_errors
def command(person: str | None, photos: tuple[str, ...], gallery: str, yes: bool, as_json: bool) -> None:
    """Remove a person or photos for good, with proof.

    PERSON is a name in the gallery. Everything goes: catalogue, crops, index, older generations, and the reports of
    this gallery. This cannot be undone. A receipt proves that no search finds them and that no file has traces of them.
    The original photos stay where they are, but `niteru index` leaves them out from now on, under whatever name the
    same files come; `niteru add` lets them in again. On a terminal it asks first.

    \b
    Examples:
      niteru forget C7211
      niteru forget --photo C7211/C7211_0001.jpg
      niteru forget C7211 --json > receipt.json
    """
    if (person is None) == (not photos):
        raise click.UsageError("name either a PERSON, or photos with --photo")
    who = person or ", ".join(photos)
    # A script that names somebody has decided; a hand may have slipped.
    if not yes and not ask(f"Forget {who} in {gallery}? Nothing brings their faces back", otherwise=True):
        fail(f"{gallery}: nothing was forgotten")
    receipt = forget(gallery, person, photos)
    print_json({"clean": receipt.clean, **asdict(receipt)}) if as_json else print_receipt(receipt, gallery)
    if not receipt.clean:
        sys.exit(1)


def print_receipt(receipt: Receipt, gallery: str) -> None:
    """Print a receipt for people."""
    who = receipt.person or ", ".join(receipt.photos)
    click.echo(f"{gallery}: forgot {who}: {len(receipt.photos)} photos, {receipt.faces} faces")
    if receipt.elsewhere:
        click.echo(f"and {receipt.elsewhere} faces without a name in other people's photos")
    click.echo(
        f"proof: {receipt.answered} of {receipt.questions} searches with their faces find one; "
        f"{len(receipt.traces)} of all {receipt.files} files of the gallery have traces of them"
    )
    for file in receipt.traces:
        click.echo(f"  traces are left in {file}: run niteru forget again, and report this as a bug")
    for report in receipt.reports:
        click.echo(f"  the report in {report} is gone with them: run niteru report for a new one")
    for report in receipt.reports_left:
        click.echo(f"  the report in {report} may still show them: it is out of reach, or lies among other files")
    for path in receipt.still_in_faces:
        click.echo(f"  the original photo is still at {path}")

"""``niteru forget``: a person or a photo, with proof."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from niteru.indexer.update.forgetting import Receipt, forget
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("forget")
@click.argument("person", required=False)
@click.option("--photo", "photos", multiple=True, help="Only this photo, by its path below FACES; may be repeated.")
@gallery_option
@json_option
@plain_errors
def command(person: str | None, photos: tuple[str, ...], gallery: str, as_json: bool) -> None:
    """Forget PERSON, or single photos: out of catalogue, crops and index, and all generations of it.

    Prints a receipt with the proof. The next `niteru index` passes their photos over, under whatever name the same
    files come; `niteru add` lets them in again. Reports of the gallery are
    removed, too. There is no way back from here: older generations go as well.

    \b
    niteru forget C7211
    niteru forget --photo C7211/C7211_0001.jpg
    niteru forget C7211 --json > receipt.json
    """
    if (person is None) == (not photos):
        raise click.UsageError("name a person, or photos with --photo")
    receipt = forget(gallery, person, photos)
    print_json({"clean": receipt.clean, **asdict(receipt)}) if as_json else tell(receipt, gallery)
    if not receipt.clean:
        sys.exit(1)


def tell(receipt: Receipt, gallery: str) -> None:
    """Print a receipt for people."""
    who = receipt.person or ", ".join(receipt.photos)
    click.echo(f"{gallery}: forgot {who}: {len(receipt.photos)} photos, {receipt.faces} faces")
    if receipt.elsewhere:
        click.echo(f"and {receipt.elsewhere} faces without a name in other people's photos")
    click.echo(
        f"asked with each: {receipt.answered} of {receipt.questions} searches find one; "
        f"read all {receipt.files} files of the gallery: traces in {len(receipt.traces)}"
    )
    for file in receipt.traces:
        click.echo(f"  still in {file}: run niteru forget again, and report it")
    for report in receipt.reports:
        click.echo(f"  the report in {report} is gone with them: niteru report makes one of the others")
    for report in receipt.reports_left:
        click.echo(f"  a report in {report} may still show them: it is not at hand, or lies among other files")
    for path in receipt.still_in_faces:
        click.echo(f"  the photo itself still lies at {path}")

"""``niteru forget``: remove a person or photos for good, with proof."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from niteru.indexer.update.forgetting import forget, lost_by_others
from niteru.indexer.update.receipt import Receipt
from niteru.indexer.update.unforgotten import REACH
from niteru.scripts.common import ask, can_ask, fail, gallery_option, json_option, plain_errors, print_json, yes_option


@click.command("forget")
@click.argument("person", required=False)
@click.option(
    "--photo",
    "photos",
    metavar="NAME/FILE",
    multiple=True,
    help="Photo to forget instead of a person, by its path in the gallery. Can be given several times.",
)
@click.option("--finish", is_flag=True, help="End what an earlier forgetting has left undone; names nobody.")
@gallery_option
@yes_option
@json_option
@plain_errors
def command(person: str | None, photos: tuple[str, ...], finish: bool, gallery: str, yes: bool, as_json: bool) -> None:
    """Remove a person or photos for good, with proof.

    PERSON is a name in the gallery, in any spelling, the number of a group without a name, or a single face as face:ID.
    Everything goes: catalogue, crops, index, older generations, and the reports of this gallery, wherever they or the
    gallery were moved. This cannot be undone. A receipt proves that no search finds them and that no file has traces of
    them; what could not be removed or checked is named in it, and the exit status is then 1. The original photos stay
    where they are, but `niteru index` leaves them out from now on, under whatever name the same files come; `niteru
    add` lets them in again. On a terminal it asks first.

    \b
    Examples:
      niteru forget C7211
      niteru forget 12
      niteru forget face:7
      niteru forget --photo C7211/C7211_0001.jpg
      niteru forget C7211 --json > receipt.json
      niteru forget --finish
    """
    if [person is not None, bool(photos), finish].count(True) != 1:
        raise click.UsageError("name either a PERSON, or photos with --photo; or end what is begun with --finish")
    who = person or ", ".join(photos)
    # A script that names somebody has decided; a hand may have slipped.
    if not finish and not yes and can_ask():
        others = lost_by_others(gallery, person, photos)
        told = f"{_told_of_others(others, 'lose')} " if others else ""
        if not ask(f"Forget {who} in {gallery}? {told}Nothing brings their faces back"):
            fail(f"{gallery}: nothing was forgotten")
    receipt = forget(gallery, person, photos)
    print_json({"clean": receipt.clean, **asdict(receipt)}) if as_json else print_receipt(receipt, gallery)
    if not receipt.clean:
        sys.exit(1)


def print_receipt(receipt: Receipt, gallery: str) -> None:
    """Print a receipt for people."""
    if who := receipt.person or ", ".join(receipt.photos):
        click.echo(f"{gallery}: forgot {who}: {len(receipt.photos)} photos, {receipt.faces} faces")
    else:
        click.echo(f"{gallery}: {'nothing' if receipt.clean else 'something'} of what was forgotten is left")
    if receipt.elsewhere:
        click.echo(f"and {receipt.elsewhere} faces in photos that stay")
    if receipt.others:
        click.echo(_told_of_others(receipt.others, "lost"))
    if receipt.faces:
        click.echo(
            f"proof: {receipt.answered} of {receipt.questions} searches with their faces find one; "
            f"{len(receipt.traces)} of all {receipt.files} files of the gallery have traces of them"
        )
    for line in _details(receipt, gallery):
        click.echo(f"  {line}")


def _told_of_others(others: dict[str, int], lose: str) -> str:
    """A sentence on the people who are on some of the photos, or have the same files."""
    each = [f"{name} keeps {kept or 'none'}" for name, kept in others.items()]
    return f"Others {lose} photos with them: {', '.join(each)}."


def _details(receipt: Receipt, gallery: str) -> list[str]:
    again = f"niteru forget --finish --gallery {gallery}"
    return [
        *(f"traces are left in {file}: run {again}, and report this as a bug" for file in receipt.traces),
        *(f"the report in {report} is gone with them: run niteru report for a new one" for report in receipt.reports),
        *(
            f"the report in {report} may still show them: delete it, or {REACH}; then run {again}"
            for report in receipt.reports_left
        ),
        *receipt.unfinished,
        *(f"the original photo is still at {path}" for path in receipt.still_in_faces),
    ]

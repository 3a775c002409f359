"""``niteru shortlist``: write people who were picked to a sheet or a table."""

from __future__ import annotations

import unicodedata
from contextlib import closing
from pathlib import Path

import click

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.probe import probe_of
from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language
from niteru.indexer.ask.shortlist import shortlist, shortlist_as_dict
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.serve.shortlist.formats import format_of, save


@click.command("shortlist")
@click.argument("people", metavar="PERSON...", nargs=-1, required=True)
@gallery_option
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("shortlist.pdf"),
    show_default=True,
    help="File to write: .pdf or .png for a sheet of portraits, .csv or .json for a table.",
)
@click.option(
    "--for",
    "picked_for",
    metavar="PROBE",
    help="Whom they are compared with: a picture file, a person, a photo of the gallery, or face:ID.",
)
@click.option(
    "--columns",
    metavar="COLUMN,…",
    multiple=True,
    help="Columns of the table to show, separated by commas; none by default.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language of the words on a sheet.",
)
@json_option
@plain_errors
def command(
    people: tuple[str, ...],
    gallery: str,
    out: Path,
    picked_for: str | None,
    columns: tuple[str, ...],
    language: Language,
    as_json: bool,
) -> None:
    """Write people who were picked to a sheet or a table.

    Each PERSON is shown by the face that is nearest to the mean of all of theirs. With --for the list says how alike
    they are to somebody, in the words of an answer. `niteru people` lists all names, `niteru stats` the columns.

    \b
    Examples:
      niteru shortlist "Ada Lovelace" "Mary Somerville"
      niteru shortlist C7211 C7305 --for me.jpg --columns agency,born --out for-me.pdf
      niteru shortlist C7211 C7305 --for C7104 --out shortlist.csv
    """
    format_of(out)  # a file that cannot be written is told before anything is compared
    live = LiveGallery(gallery)
    with closing(live.open()) as opened:
        probe = None
        if picked_for is not None:
            probe = probe_of(opened, live.recogniser(opened.generation), [picked_for])
        names = [unicodedata.normalize("NFC", name) for name in people]
        made = shortlist(live, opened, names, probe, columns)
    save(made, out, language)
    if as_json:
        print_json({"file": str(out), **shortlist_as_dict(made)})
    else:
        click.echo(f"{len(made.people)} people: {out}")

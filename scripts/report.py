"""``niteru report``: who looks like whom, over everybody."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import click

from niteru.indexer.gallery import Gallery
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.serve.report.report import Wanted, write_report


@click.command("report")
@gallery_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("report"), show_default=True)
@click.option("-k", type=click.IntRange(1, 50), default=5, show_default=True, help="Nearest people a row.")
@click.option("--people", multiple=True, help="Only these are compared with one another; give it several times.")
@click.option(
    "--max-rarity",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    help="Leave out what is more common, for example 0.001.",
)
@click.option(
    "--anonymise", is_flag=True, help="Numbers for names, faces of a few squares, no suspects: to show to others."
)
@click.option(
    "--since", type=click.IntRange(1), help="Tell what is new since this generation; else since the last report in OUT."
)
@json_option
@plain_errors
def command(
    gallery: str,
    out: Path,
    k: int,
    people: tuple[str, ...],
    max_rarity: float,
    anonymise: bool,
    since: int | None,
    as_json: bool,
) -> None:
    """Write who looks like whom: a page with faces (index.html), and tables.

    \b
    niteru report --out who-looks-like-whom
    niteru report --people "Ada Lovelace" --people "Mary Somerville" --people "Ellen Terry"
    niteru report --anonymise --max-rarity 0.001 --out to-show
    """
    if anonymise and since:
        raise click.UsageError("what is new is not told to others: --anonymise and --since exclude one another")
    names = frozenset(unicodedata.normalize("NFC", name) for name in people)
    wanted = Wanted(k, names or None, max_rarity, anonymise, since)
    opened = Gallery(gallery)
    try:
        page = write_report(opened, out, wanted)
    finally:
        opened.close()
    said = json.loads(page.with_name("report.json").read_text(encoding="utf-8"))
    number, suspects = len(said.pop("people")), len(said.pop("suspects", []))
    if as_json:
        print_json(
            {"report": str(page), "pairs": str(out / "pairs.csv"), "people": number, "suspects": suspects, **said}
        )
    else:
        click.echo(f"{number} people{'' if anonymise else f', {suspects} things to look at'}: {page}")

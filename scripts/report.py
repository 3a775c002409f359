"""``niteru report``: write a report of who looks like whom."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import click

from niteru.indexer.gallery import Gallery
from niteru.scripts.common import gallery_option, json_option, out_option, plain_errors, print_json, where_option
from niteru.serve.report.report import Wanted, write_report
from niteru.serve.report.report_json import NAME, ReadReport


@click.command("report")
@gallery_option
@out_option("report", "the report")
@click.option(
    "-k", metavar="N", type=click.IntRange(1, 50), default=5, show_default=True, help="Nearest people per person."
)
@click.option(
    "--people",
    metavar="NAME",
    multiple=True,
    help="Person to compare; everybody by default. Can be given several times.",
)
@where_option
@click.option(
    "--max-rarity",
    metavar="SHARE",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    help="Leave out resemblances that are more common than this share of all pairs, for example 0.001.",
)
@click.option(
    "--anonymise",
    is_flag=True,
    help="Show numbers for names and mosaics for faces, and leave out suspect labels: for showing to others.",
)
@click.option(
    "--since",
    metavar="GENERATION",
    type=click.IntRange(1),
    help="List what is new since this generation of the index; since the last report in the folder by default.",
)
@json_option
@plain_errors
def command(
    gallery: str,
    out: Path,
    k: int,
    people: tuple[str, ...],
    where: tuple[str, ...],
    max_rarity: float,
    anonymise: bool,
    since: int | None,
    as_json: bool,
) -> None:
    """Write a report of who looks like whom.

    The report compares everybody with everybody. It is a folder with a page that opens without a server (index.html)
    and the same as tables (CSV and JSON). It replaces an older report in that folder.

    \b
    Examples:
      niteru report --out who-looks-like-whom
      niteru report --people "Ada Lovelace" --people "Mary Somerville" --people "Ellen Terry"
      niteru report --where agency:Elite --where born:1990..2000
      niteru report --anonymise --max-rarity 0.001 --out to-show
    """
    if anonymise and since:
        raise click.UsageError("--since cannot be used with --anonymise: an anonymous report lists no news")
    names = frozenset(unicodedata.normalize("NFC", name) for name in people)
    wanted = Wanted(k, names or None, max_rarity, anonymise, since, where)
    opened = Gallery(gallery)
    try:
        page = write_report(opened, out, wanted)
    finally:
        opened.close()
    report = ReadReport(page.with_name(NAME))
    number, overview = sum(1 for _ in report.people()), report.rest()
    suspects, _ = len(overview.pop("suspects", [])), overview.pop("people")
    if as_json:
        print_json(
            {"report": str(page), "pairs": str(out / "pairs.csv"), "people": number, "suspects": suspects, **overview}
        )
    else:
        click.echo(f"{number} people{'' if anonymise else f', {suspects} labels and photos to check'}: {page}")

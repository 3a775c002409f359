"""``niteru report``: who looks like whom, over everybody."""

from __future__ import annotations

from pathlib import Path

import click

from indexer.gallery import Gallery
from scripts.common import gallery_option, json_option, plain_errors, print_json
from serve.report import write_report


@click.command("report")
@gallery_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("report"), show_default=True)
@click.option("-k", type=click.IntRange(1, 50), default=5, show_default=True, help="Nearest people a row.")
@json_option
@plain_errors
def command(gallery: Path, out: Path, k: int, as_json: bool) -> None:
    """Write who looks like whom: a page with faces (index.html), and pairs.csv.

    \b
    niteru report --out who-looks-like-whom
    """
    opened = Gallery(gallery)
    try:
        page = write_report(opened, out, k)
        counts = opened.catalog.counts()
    finally:
        opened.close()
    if as_json:
        print_json({"report": str(page), "pairs": str(out / "pairs.csv"), **counts})
    else:
        click.echo(f"{counts['people']} people: {page}")

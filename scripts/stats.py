"""``niteru stats``: show what a gallery holds, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click

from niteru.indexer.ask.stats import stats
from niteru.indexer.gallery import Gallery
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("stats")
@gallery_option
@json_option
@plain_errors
def command(gallery: str, as_json: bool) -> None:
    """Show what the gallery holds and how alike strangers are.

    The output has the numbers of people, photos and faces, the generation in use with its model and kind of index, the
    columns of a table (to filter by with --where), the similarity that pairs of strangers reach, and the faces that are
    a little like everybody (hubs).

    \b
    Examples:
      niteru stats
      niteru stats --json
    """
    with closing(Gallery(gallery)) as opened:
        numbers = stats(opened).to_dict()
    print_json(numbers) if as_json else print_stats(numbers)


def print_stats(numbers: dict[str, Any]) -> None:
    """Print the numbers for people."""
    for name, value in numbers.items():
        if not isinstance(value, dict | list | tuple):
            click.echo(f"{name:11} {value}")
    _print_columns(numbers.get("columns", ()))
    if "calibration" not in numbers:
        return
    calibration = numbers["calibration"]
    own = calibration["from"] == "gallery"
    pairs = f"{calibration['pairs']:,} pairs of this gallery" if own else "the people that the model was measured on"
    click.echo(f"\nhow alike strangers are, by {pairs}:")
    for row in calibration["rates"]:
        note = "" if row["measured"] else " (extrapolated)"
        missed = "" if row["missed"] is None else f"; {row['missed']:.1%} of the pairs of one person do not"
        click.echo(f"  one pair in {round(1 / row['fmr']):>9,} reaches {row['similarity']:.3f}{missed}{note}")
    if numbers["hubs"]:
        click.echo("\nhubs, faces that are a little like everybody (the report ranks them lower):")
    for hub in numbers["hubs"]:
        click.echo(f"  {hub['photo']}  +{hub['hubness']:.3f}")


def _print_columns(columns: Sequence[dict[str, Any]]) -> None:
    if columns:
        click.echo("\ncolumns of the people, to filter by with --where:")
    for column in columns:
        values = f"{column['distinct']:,} {'value' if column['distinct'] == 1 else 'values'}"
        ends = column["range"]
        span = f", from {ends['low']} to {ends['high']}" if ends else ""
        click.echo(f"  {column['column']}: {values}{span}, of {column['people']:,} people")

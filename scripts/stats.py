"""``niteru stats``: what a gallery holds."""

from __future__ import annotations

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
    """People, photos and faces; the generation in use, its model and index; how alike strangers are; hubs.

    \b
    niteru stats
    niteru stats --json
    """
    with closing(Gallery(gallery)) as opened:
        numbers = stats(opened).to_dict()
    print_json(numbers) if as_json else tell(numbers)


def tell(numbers: dict[str, Any]) -> None:
    """Print them for people."""
    for name, value in numbers.items():
        if not isinstance(value, dict | list):
            click.echo(f"{name:11} {value}")
    if "calibration" not in numbers:
        return
    origin = numbers["calibration"]
    pairs = f"{origin['pairs']:,} pairs of this gallery" if origin["from"] == "gallery" else "the model's own people"
    click.echo(f"\nhow alike strangers are, by {pairs}:")
    for row in origin["rates"]:
        how = "" if row["measured"] else ", beyond what was seen"
        missed = "" if row["missed"] is None else f", above {row['missed']:.1%} of the pairs of one person"
        click.echo(f"  one pair in {round(1 / row['fmr']):>9,} reaches {row['similarity']:.3f}{missed}{how}")
    if numbers["hubs"]:
        click.echo("\nfaces that are a little like everybody (the report ranks them lower):")
    for hub in numbers["hubs"]:
        click.echo(f"  {hub['photo']}  +{hub['hubness']:.3f}")

"""``niteru stats``: what a gallery holds."""

from __future__ import annotations

from pathlib import Path

import click

from indexer.gallery import Gallery
from scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("stats")
@gallery_option
@json_option
@plain_errors
def command(gallery: Path, as_json: bool) -> None:
    """Numbers of people, photos and faces, the generation in use, its model and kind of index."""
    opened = Gallery(gallery)
    try:
        said = opened.stats()
    finally:
        opened.close()
    if as_json:
        print_json(said)
        return
    for name, value in said.items():
        click.echo(f"{name:11} {value}")

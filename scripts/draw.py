"""``niteru draw``: draw people who do not exist."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.drawn import write_people
from niteru.engine.work.progress import progress_bar
from niteru.scripts.common import plain_errors


@click.command("draw")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--people",
    metavar="N",
    type=click.IntRange(1, 10_000),
    default=40,
    show_default=True,
    help="Number of people to draw.",
)
@click.option(
    "--photos", metavar="N", type=click.IntRange(1, 1000), default=12, show_default=True, help="Photos per person."
)
@click.option(
    "--seed", metavar="N", type=int, default=0, show_default=True, help="Random seed; another one draws other people."
)
@plain_errors
def command(folder: Path, people: int, photos: int, seed: int) -> None:
    """Draw people who do not exist.

    FOLDER gets one folder per person, and a landmarks.csv with the place of every face. Pictures that are already
    there are kept. Drawn people let you try niteru without photos of real ones.

    \b
    Examples:
      niteru draw drawn/ && niteru index drawn/
      niteru draw drawn/ --people 100 --photos 20
    """
    draw_people(folder, people, photos, seed)
    click.echo(f"{folder}: {people} people with {photos} photos each")


def draw_people(folder: Path, people: int, photos: int, seed: int = 0) -> None:
    """Draw with a progress bar."""
    with progress_bar("drawing", people * photos, "picture") as bar:
        for _ in write_people(folder, people, photos, seed):
            bar.update()

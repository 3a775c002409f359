"""``niteru draw``: pictures of people who do not exist."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.drawn import write_people
from niteru.engine.work.progress import progress_bar
from niteru.scripts.common import plain_errors


@click.command("draw")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--people", type=click.IntRange(1, 10_000), default=40, show_default=True)
@click.option("--photos", type=click.IntRange(1, 1000), default=12, show_default=True, help="Photos a person.")
@click.option("--seed", type=int, default=0, show_default=True, help="Other seeds draw other people.")
@plain_errors
def command(folder: Path, people: int, photos: int, seed: int) -> None:
    """Draw people who do not exist into FOLDER, one folder a person, with landmarks.csv.

    Pictures that are there already stay. Use them to try niteru without anybody's photos.

    \b
    niteru draw drawn/ && niteru index drawn/
    """
    draw_people(folder, people, photos, seed)
    click.echo(f"{folder}: {people} people with {photos} photos each")


def draw_people(folder: Path, people: int, photos: int, seed: int = 0) -> None:
    """Draw with a progress bar."""
    with progress_bar("drawing", people * photos, "picture") as bar:
        for _ in write_people(folder, people, photos, seed):
            bar.update()

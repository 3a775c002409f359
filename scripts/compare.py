"""``niteru compare``: two people or two photos beside one another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from niteru.indexer.ask.persons import everybody
from niteru.indexer.gallery import Gallery
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.serve.http.live_gallery import LiveGallery
from niteru.serve.pictures.comparison import as_json as said_of
from niteru.serve.pictures.comparison import compare, draw, side
from niteru.serve.pictures.rarity import rarity_in_words


@click.command("compare")
@click.argument("one")
@click.argument("other")
@gallery_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Draw a picture of the two, as PNG.")
@json_option
@plain_errors
def command(one: str, other: str, gallery: str, out: Path | None, as_json: bool) -> None:
    """How alike ONE and OTHER are, and why: people by name, photos of the gallery, face:ID, or files.

    \b
    niteru compare "Ada Lovelace" "Mary Somerville" --out both.png
    niteru compare me.jpg grandmother.jpg
    """
    live = LiveGallery(gallery)
    with closing(Gallery(gallery)) as opened:
        eyes = live.eyes(opened.generation)
        persons = everybody(opened)
        sides = side(opened, eyes, persons, one), side(opened, eyes, persons, other)
        found = compare(opened, eyes, persons, *sides)
    if out is not None:
        draw(*sides, found).save(out, "PNG")
    if as_json:
        print_json({**said_of(*sides, found), "picture": None if out is None else str(out)})
        return
    click.echo(
        f"{sides[0].name} and {sides[1].name}: similarity {found.similarity:.3f}, {rarity_in_words(found.rarity)}"
    )
    if found.same_person:
        click.echo("probably the same person")
    parts = sorted(((part, name) for name, part in found.why.items() if part), reverse=True)
    click.echo("alike: " + (", ".join(f"{name} {part:.0%}" for part, name in parts) or "no single part"))
    if out is not None:
        click.echo(out)

"""``niteru compare``: compare two people or two photos."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from niteru.indexer.ask.comparison import compare, comparison_as_dict, side_of
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.probe import probe_of
from niteru.indexer.ask.rarity_in_words import LANGUAGES, WORDS, Language, likely_in_words, surely_in_words
from niteru.indexer.gallery import Gallery
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.serve.pictures.answered import PORTRAIT, compared_card
from niteru.serve.pictures.card import FORMATS, Format
from niteru.serve.pictures.draw import draw_card


@click.command("compare")
@click.argument("one")
@click.argument("other")
@gallery_option
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a picture of the two, as PNG.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="Of the picture: 1080×1080, 1080×1350 or 1080×1920 pixels.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="Of the words on the picture.",
)
@json_option
@plain_errors
def command(
    one: str, other: str, gallery: str, out: Path | None, format_: Format, language: Language, as_json: bool
) -> None:
    """Show how alike two people or photos are, and why.

    ONE and OTHER are each a picture file, the name of a person in the gallery, a photo there (NAME/photo.jpg), or a
    face (face:ID).

    \b
    Examples:
      niteru compare "Ada Lovelace" "Mary Somerville" --out both.png
      niteru compare me.jpg grandmother.jpg
    """
    live = LiveGallery(gallery)
    with closing(Gallery(gallery)) as opened:
        recogniser, portrait = live.recogniser(opened.generation), PORTRAIT if out is not None else 0
        probes = [(named, probe_of(opened, recogniser, [named], portrait=portrait)) for named in (one, other)]
        first, second = (side_of(opened, probe, Path(named).name, portrait) for named, probe in probes)
        sides = first, second
        found = compare(live, opened, *sides)
    if out is not None:
        draw_card(compared_card(*sides, found), format_, language).save(out, "PNG")
    if as_json:
        print_json({**comparison_as_dict(*sides, found), "picture": None if out is None else str(out)})
        return
    click.echo(
        f"{sides[0].name} and {sides[1].name}: similarity {found.similarity:.3f}, "
        f"{surely_in_words(found.rarity, found.likely)}"
    )
    click.echo(likely_in_words(found.likely))
    if found.same_person:
        click.echo(WORDS["en"].same_person)
    parts = sorted(((part, name) for name, part in found.why.items() if part), reverse=True)
    click.echo("alike: " + (", ".join(f"{name} {part:.0%}" for part, name in parts) or "no single part stands out"))
    if out is not None:
        click.echo(out)

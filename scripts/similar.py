"""``niteru similar``: who looks like this face."""

from __future__ import annotations

import re
from contextlib import closing
from time import perf_counter
from typing import Any

import click

from niteru.indexer.ask.answers import answer_as_dict
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.ask.probe import FACE_PATTERN, probe_of
from niteru.indexer.ask.rarity import rarity_in_words
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("similar")
@click.argument("photo")
@gallery_option
@click.option("-k", type=click.IntRange(1, 100), default=10, show_default=True, help="How many people.")
@click.option(
    "--face", "pick", default="largest", show_default=True, help="Of a file: largest, center, or a number from 0."
)
@json_option
@plain_errors
def command(photo: str, gallery: str, k: int, pick: str, as_json: bool) -> None:
    """People who look like PHOTO: a file, a name in the gallery, a photo there (NAME/photo.jpg), or face:ID.

    \b
    niteru similar me.jpg
    niteru similar C7211/C7211_0001.jpg -k 5
    niteru similar party.jpg --face 1     the second largest face; niteru detect party.jpg numbers them
    """
    if not re.fullmatch(FACE_PATTERN, pick):
        raise click.BadParameter("largest, center, or the number of a face, from 0", param_hint="--face")
    answer = answer_for(LiveGallery(gallery), photo, k, pick)
    print_json(answer) if as_json else tell(answer)


def answer_for(live: LiveGallery, photo: str, k: int, pick: str = "largest") -> dict[str, Any]:
    """The answer to a file, a name, a photo of the gallery, or a face id, for programs."""
    with closing(live.open()) as gallery:
        probe = probe_of(gallery, live.recogniser(gallery.generation), [photo], pick)
        start = perf_counter()
        found = ask(gallery, Question(probe.vector, probe.person_id, k))
        return answer_as_dict(gallery, probe, found, {**probe.timing_ms, "search": (perf_counter() - start) * 1000})


def tell(answer: dict[str, Any]) -> None:
    """Print an answer for people."""
    if answer["query"]["person"]:
        click.echo(f"{answer['query']['person']} looks like")
    for row in answer["same_person"]:
        click.echo(f"   probably the same person: {row['person']}  (similarity {row['similarity']:.3f})")
    for row in answer["results"]:
        rarity = rarity_in_words(row["rarity"])
        click.echo(f"{row['rank']:3}. {row['person']}  similarity {row['similarity']:.3f}, {rarity}")
    if not answer["results"]:
        click.echo("nobody here")

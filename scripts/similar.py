"""``niteru similar``: find the people who look like a face."""

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
from niteru.indexer.ask.rarity_in_words import rarity_in_words
from niteru.scripts.common import columns_in_words, gallery_option, json_option, plain_errors, print_json, where_option


@click.command("similar")
@click.argument("photo")
@gallery_option
@click.option(
    "-k", metavar="N", type=click.IntRange(1, 100), default=10, show_default=True, help="Number of people to list."
)
@click.option(
    "--face",
    "pick",
    metavar="FACE",
    default="largest",
    show_default=True,
    help="Which face of a picture file: largest, center, or its number, counted from 0.",
)
@where_option
@json_option
@plain_errors
def command(photo: str, gallery: str, k: int, pick: str, where: tuple[str, ...], as_json: bool) -> None:
    """Find the people who look like a face.

    PHOTO is a picture file, the name of a person in the gallery, a photo there (NAME/photo.jpg), or a face (face:ID).
    `niteru detect` numbers the faces of a picture that shows several people.

    \b
    Examples:
      niteru similar me.jpg
      niteru similar C7211/C7211_0001.jpg -k 5
      niteru similar party.jpg --face 1
      niteru similar me.jpg --where agency:Elite --where born:1990..2000
    """
    if not re.fullmatch(FACE_PATTERN, pick):
        raise click.BadParameter("must be largest, center, or the number of a face, from 0", param_hint="--face")
    answer = answer_for(LiveGallery(gallery), photo, k, pick, where)
    print_json(answer) if as_json else print_answer(answer)


def answer_for(
    live: LiveGallery, photo: str, k: int, pick: str = "largest", where: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Answer a file, a name, a photo of the gallery, or a face id, for programs."""
    with closing(live.open()) as gallery:
        probe = probe_of(gallery, live.recogniser(gallery.generation), [photo], pick)
        start = perf_counter()
        found = ask(gallery, Question(probe.vector, probe.person_id, k, where=where))
        return answer_as_dict(gallery, probe, found, {**probe.timing_ms, "search": (perf_counter() - start) * 1000})


def print_answer(answer: dict[str, Any]) -> None:
    """Print an answer for people."""
    if answer["query"]["person"]:
        click.echo(f"{answer['query']['person']} looks like")
    for row in answer["same_person"]:
        click.echo(f"   probably the same person: {row['person']}  (similarity {row['similarity']:.3f})")
    for row in answer["results"]:
        rarity = rarity_in_words(row["rarity"])
        click.echo(f"{row['rank']:3}. {row['person']}  similarity {row['similarity']:.3f}, {rarity}")
        if said := columns_in_words(row["columns"]):
            click.echo(f"     {said}")
    if "note" in answer["query"]:
        click.echo(answer["query"]["note"])
    elif not answer["results"]:
        click.echo(f"no {'other ' if answer['same_person'] else ''}look-alikes in the gallery")

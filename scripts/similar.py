"""``niteru similar``: who looks like this face."""

from __future__ import annotations

import re
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from niteru.engine.photos.decode import read_bytes
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.gallery import GalleryReader
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.serve.http.answers import describe
from niteru.serve.http.live_gallery import LiveGallery
from niteru.serve.http.parameters import FACE_PATTERN
from niteru.serve.http.probe import Probe, from_gallery, from_uploads
from niteru.serve.http.problems import ImageNotFound
from niteru.serve.pictures.rarity import rarity_in_words


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
    """People who look like PHOTO: a file, a photo of the gallery (NAME/photo.jpg), or face:ID.

    \b
    niteru similar me.jpg
    niteru similar C7211/C7211_0001.jpg -k 5
    niteru similar party.jpg --face 1     the second largest face; niteru find party.jpg numbers them
    """
    if not re.fullmatch(FACE_PATTERN, pick):
        raise click.BadParameter("largest, center, or the number of a face, from 0", param_hint="--face")
    live = LiveGallery(gallery)
    opened = live.open()
    try:
        answer = answer_for(live, opened, photo, k, pick)
    finally:
        opened.close()
    print_json(answer) if as_json else tell(answer)


def answer_for(live: LiveGallery, gallery: GalleryReader, photo: str, k: int, pick: str = "largest") -> dict[str, Any]:
    """The answer to a file, a photo of the gallery, or a face id, as JSON."""
    probe = _probe(live, gallery, photo, pick)
    start = perf_counter()
    found = ask(gallery, Question(probe.vector, probe.person_id, k))
    timing = {**probe.timing_ms, "search": (perf_counter() - start) * 1000}
    return describe(gallery, probe, found, timing)


def _probe(live: LiveGallery, gallery: GalleryReader, photo: str, pick: str) -> Probe:
    if gallery.resolve(photo) is None and Path(photo).is_file():
        return from_uploads(live.eyes(gallery.generation), [read_bytes(Path(photo))], pick)
    try:
        return from_gallery(gallery, photo)
    except ImageNotFound:
        raise ImageNotFound(f"{photo} is neither a file, nor a photo of {gallery.name}, nor face:ID") from None


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

"""``niteru similar``: find the people who look like a face."""

from __future__ import annotations

import re
from contextlib import closing
from time import perf_counter
from typing import Any

import click

from niteru.indexer.ask.ages import Ages
from niteru.indexer.ask.answers import answer_as_dict
from niteru.indexer.ask.asking import check_one, look_alikes
from niteru.indexer.ask.chosen_face import FACE_PATTERN
from niteru.indexer.ask.how_sure import Interval
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Wish
from niteru.indexer.ask.probe import from_person, probe_of
from niteru.indexer.ask.rarity_in_words import WORDS, grade_in_words, surely_in_words
from niteru.scripts.common import columns_in_words, gallery_option, json_option, plain_errors, print_json, where_option


@click.command("similar")
@click.argument("photo", required=False)
@click.option(
    "--person", metavar="NAME", help="Ask about a person of the gallery, by all of their photos, instead of a photo."
)
@gallery_option
@click.option(
    "-k", metavar="N", type=click.IntRange(1, 100), default=10, show_default=True, help="Number of people to list."
)
@click.option(
    "--face",
    "pick",
    metavar="FACE",
    default="main",
    show_default=True,
    help="Which face of a picture file: main, largest, center, or its number, counted from 0.",
)
@where_option
@click.option(
    "--age",
    metavar="AGE",
    help="Only photos that show people about this old, by the photo's date and their year of birth: 20 for 18 to 22, a "
    "tenth more or less; or a range such as 18..25. A person is asked about by such photos, too.",
)
@click.option("--not-related", is_flag=True, help="Leave out people of one family with whoever is asked about.")
@json_option
@plain_errors
def command(
    photo: str | None,
    person: str | None,
    gallery: str,
    k: int,
    pick: str,
    where: tuple[str, ...],
    age: str | None,
    not_related: bool,
    as_json: bool,
) -> None:
    """Find the people who look like a face.

    PHOTO is a picture file, a photo of the gallery (NAME/photo.jpg), a face there (face:ID), or a name: a person is
    asked about by all of their photos, as in the report.
    `niteru detect` numbers the faces of a picture that shows several people.

    \b
    Examples:
      niteru similar me.jpg
      niteru similar --person C7211
      niteru similar C7211/C7211_0001.jpg -k 5
      niteru similar party.jpg --face 1
      niteru similar me.jpg --where agency:Elite --where born:1990..2000
      niteru similar --person "Aunt Mary" --age 20     who looked like her at this age?
      niteru similar --person "Aunt Mary" --not-related
    """
    if not re.fullmatch(FACE_PATTERN, pick):
        raise click.BadParameter("must be main, largest, center, or the number of a face, from 0", param_hint="--face")
    if photo is None and person is None:
        raise click.UsageError("give a PHOTO, or --person NAME")
    check_one(photo, person)
    ages = None if age is None else Ages.parse(age)
    wish = Wish(k, where=where, ages=ages, not_related=not_related)
    answer = answer_for(LiveGallery(gallery), photo, wish, pick, person)
    print_json(answer) if as_json else print_answer(answer)


def answer_for(
    live: LiveGallery, photo: str | None, wish: Wish, pick: str = "main", person: str | None = None
) -> dict[str, Any]:
    """Answer a file, a photo of the gallery, a face id or a name, or else a person's name, for programs."""
    with closing(live.open()) as gallery:
        if person:
            probe = from_person(gallery, person, wish.ages)
        else:
            probe = probe_of(gallery, live.recogniser(gallery.generation), [str(photo)], pick)
        start = perf_counter()
        found = look_alikes(live, gallery, probe, wish)
        return answer_as_dict(gallery, probe, found, {**probe.timing_ms, "search": (perf_counter() - start) * 1000})


def print_answer(answer: dict[str, Any]) -> None:
    """Print an answer for people."""
    _print_question(answer["query"])
    if answer["nobody_alike"]:
        click.echo(WORDS["en"].nobody_alike)
    for row in answer["results"]:
        said = WORDS["en"].same_person if row["same_person"] else grade_in_words(row["rarity"])
        likely = Interval(row["rarity_from"], row["rarity_to"])
        family = ", of one family" if row["related"] else ""
        click.echo(f"{row['rank']:3}. {row['person']}{family}  {said}: {surely_in_words(row['rarity'], likely)}")
        if "age" in answer["query"]:
            click.echo(f"     {_ages_in_words(row['faces'])}")
        if said := columns_in_words(row["columns"]):
            click.echo(f"     {said}")
    if "note" in answer["query"]:
        click.echo(answer["query"]["note"])
    elif not answer["results"]:
        click.echo("no look-alikes in the gallery")


def _print_question(query: dict[str, Any]) -> None:
    """Print who is asked about: a person of the gallery, or one of several faces in a photo."""
    if query["person"]:
        ages = f", at {Ages(query['age']['from'], query['age']['to'])}," if "age" in query else ""
        click.echo(f"{query['person']}{ages} looks like")
    boxes = query["boxes"] if query["asked"] == "photo" else []
    if len(boxes) > 1:
        number = boxes.index(query["face"]["box"])
        click.echo(f"{len(boxes)} faces, of which this is about number {number}: --face asks about another one")


def _ages_in_words(faces: list[dict[str, Any]]) -> str:
    return " · ".join(f"at {face['age']}, {face['taken']}: {face['photo']}" for face in faces)

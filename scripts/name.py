"""``niteru name``: say who a group or a face is."""

from __future__ import annotations

import click

from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.lives.told import Told
from niteru.indexer.update import naming
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("name")
@click.argument("words", metavar="WHO... NAME", nargs=-1)
@click.option("--born", metavar="YEAR", type=int, help="Year in which the person was born.")
@click.option(
    "--family",
    metavar="FAMILY",
    multiple=True,
    help="Family that the person belongs to; can be given several times, and as '' for none.",
)
@click.option("--split", is_flag=True, help="Put these faces into a new group; no NAME then.")
@click.option("--nobody", is_flag=True, help="Whoever these are, search them no more; no NAME then.")
@click.option("--no-face", is_flag=True, help="These are no faces; no NAME then.")
@click.option("--undo", is_flag=True, help="Take back what was said last; neither WHO nor NAME then.")
@gallery_option
@json_option
@plain_errors
def command(
    words: tuple[str, ...],
    born: int | None,
    family: tuple[str, ...],
    split: bool,
    nobody: bool,
    no_face: bool,
    undo: bool,
    gallery: str,
    as_json: bool,
) -> None:
    """Say who a group or a face is.

    `niteru name WHO... NAME` gives all of those meant one name. WHO is the number of a group, the name of a person,
    or a face as face:ID; several become one person. NAME is a new name or somebody's. What you say counts more than
    any folder, is kept when photos are indexed again, when another model is used and when the gallery is copied,
    and can be taken back step by step. With --born and --family the NAME of somebody who has one is enough.

    \b
    Examples:
      niteru name 12 "Aunt Mary"
      niteru name 12 15 "Aunt Mary"          two groups are one person
      niteru name "C7312" "Ada Lovelace"     another name for a person
      niteru name face:7 Bo                  this face is Bo's
      niteru name "Aunt Mary" --born 1931    for her age on photos; --family Lovelace for her relatives
      niteru name --split face:7 face:9      these belong together, and not there
      niteru name --nobody 31
      niteru name --no-face face:9
      niteru name --undo
    """
    told = Told(born, tuple(filter(None, family)) if family else None)
    said = _said(words, told, split=split, nobody=nobody, no_face=no_face, undo=undo)
    word = naming.say(gallery, said)
    if as_json:
        print_json({"faces": word.faces, "name": word.name})
    elif undo:
        click.echo(f"{gallery}: taken back{f' for {word.faces} faces' if word.faces else ''}")
    elif told and len(words) == 1:
        click.echo(f"{gallery}: noted of {word.name}; niteru name --undo takes it back")
    else:
        click.echo(
            f"{gallery}: {word.faces} faces are {word.name or 'searched no more'}; niteru name --undo takes it back"
        )


def _said(words: tuple[str, ...], told: Told, *, split: bool, nobody: bool, no_face: bool, undo: bool) -> naming.Said:
    _check(words, told, undo, [split, nobody, no_face, undo].count(True))
    if undo:
        return naming.take_back()
    if split:
        return naming.split(words)
    if nobody or no_face:
        return naming.set_aside(words, VerdictKind.NOBODY if nobody else VerdictKind.NO_FACE)
    return naming.tell(words, told) if len(words) == 1 else naming.name(words[:-1], words[-1], told)


def _check(words: tuple[str, ...], told: Told, undo: bool, flags: int) -> None:
    """Refuse options that do not go together."""
    if flags > 1:
        raise click.UsageError("--split, --nobody, --no-face and --undo go one at a time")
    if flags and told:
        raise click.UsageError("--born and --family are told of somebody with a name: leave out the other option")
    if undo and words:
        raise click.UsageError("--undo takes back the last step, whoever it was about: leave out WHO and NAME")
    if not undo and not words:
        raise click.UsageError("say WHO: the number of a group (niteru groups), a name, or face:ID")
    if not flags and not told and len(words) == 1:
        raise click.UsageError(f"say the NAME too: niteru name {words[0]} NAME")

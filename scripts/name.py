"""``niteru name``: say who a group or a face is."""

from __future__ import annotations

import click

from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.update import naming
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json


@click.command("name")
@click.argument("words", metavar="WHO... NAME", nargs=-1)
@click.option("--split", is_flag=True, help="Put these faces into a new group; no NAME then.")
@click.option("--nobody", is_flag=True, help="Whoever these are, search them no more; no NAME then.")
@click.option("--no-face", is_flag=True, help="These are no faces; no NAME then.")
@click.option("--undo", is_flag=True, help="Take back what was said last; neither WHO nor NAME then.")
@gallery_option
@json_option
@plain_errors
def command(
    words: tuple[str, ...], split: bool, nobody: bool, no_face: bool, undo: bool, gallery: str, as_json: bool
) -> None:
    """Say who a group or a face is.

    `niteru name WHO... NAME` gives all of those meant one name. WHO is the number of a group, the name of a person,
    or a face as face:ID; several become one person. NAME is a new name or somebody's. What you say counts more than
    any folder, is kept when photos are indexed again, when another model is used and when the gallery is copied,
    and can be taken back step by step.

    \b
    Examples:
      niteru name 12 "Aunt Mary"
      niteru name 12 15 "Aunt Mary"          two groups are one person
      niteru name "C7312" "Ada Lovelace"     another name for a person
      niteru name face:7 Bo                  this face is Bo's
      niteru name --split face:7 face:9      these belong together, and not there
      niteru name --nobody 31
      niteru name --no-face face:9
      niteru name --undo
    """
    said = _said(words, split=split, nobody=nobody, no_face=no_face, undo=undo)
    word = naming.say(gallery, said)
    if as_json:
        print_json({"faces": word.faces, "name": word.name})
    elif undo:
        click.echo(f"{gallery}: taken back for {word.faces} faces")
    else:
        click.echo(
            f"{gallery}: {word.faces} faces are {word.name or 'searched no more'}; niteru name --undo takes it back"
        )


def _said(words: tuple[str, ...], *, split: bool, nobody: bool, no_face: bool, undo: bool) -> naming.Said:
    if [split, nobody, no_face, undo].count(True) > 1:
        raise click.UsageError("--split, --nobody, --no-face and --undo go one at a time")
    if undo:
        if words:
            raise click.UsageError("--undo takes back the last step, whoever it was about: leave out WHO and NAME")
        return naming.take_back()
    if not words:
        raise click.UsageError("say WHO: the number of a group (niteru groups), a name, or face:ID")
    if split:
        return naming.split(words)
    if nobody or no_face:
        return naming.set_aside(words, VerdictKind.NOBODY if nobody else VerdictKind.NO_FACE)
    if len(words) < 2:
        raise click.UsageError(f"say the NAME too: niteru name {words[0]} NAME")
    return naming.name(words[:-1], words[-1])

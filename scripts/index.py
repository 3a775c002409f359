"""``niteru index``: enrol new and changed photos, and drop those that are gone."""

from __future__ import annotations

from collections import Counter

import click

from niteru.engine.photos.tables.photo_table import PATH_AND_PERSON, ColumnNames
from niteru.indexer.generations.index import AUTO, KINDS
from niteru.indexer.update.enrol import update
from niteru.indexer.update.names_wanted import NamesFrom
from niteru.indexer.update.summary import NamesTaken, Summary
from niteru.scripts.common import (
    ask,
    crops_option,
    fail,
    gallery_option,
    json_option,
    plain_errors,
    print_json,
    yes_option,
)
from niteru.scripts.news import print_news

SHOWN = 20
FEW = 3
"""Examples of each kind of fault in names."""


@click.command("index")
@click.argument("faces")
@gallery_option
@crops_option
@click.option("--dry", is_flag=True, help="Only list what would be done.")
@click.option(
    "--kind",
    type=click.Choice([AUTO, *KINDS]),
    help="Kind of index from now on: flat is exact and the default; auto is exact up to 150,000 faces.",
)
@click.option(
    "--least-recall",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    help="Share of the nearest faces of other people that the index must find, from now on; 0.98 by default.",
)
@click.option(
    "--person-level",
    metavar="N",
    type=click.IntRange(1),
    help="Which folder below FACES is the person's, from now on: 1 for FACES/PERSON/…; the photo's own by default.",
)
@click.option(
    "--columns",
    metavar="NAMES",
    help="Names of the columns for path and person in a table, if they are others: photo=NAME,person=NAME.",
)
@click.option(
    "--names",
    type=click.Choice([one.value for one in NamesFrom]),
    help="Where names come from, from now on: from people's folders, the default, or also from what photo programs "
    "such as digiKam and Lightroom wrote into photos and beside them.",
)
@click.option("--quiet", is_flag=True, help="Say nothing unless something happened: for cron and timers.")
@yes_option
@json_option
@plain_errors
def command(
    faces: str,
    gallery: str,
    crops: bool,
    dry: bool,
    kind: str | None,
    least_recall: float | None,
    person_level: int | None,
    columns: str | None,
    names: str | None,
    quiet: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring the gallery up to date with a folder of photos.

    FACES is a folder with one folder per person, here or in a bucket, or a table with the columns path and person (CSV,
    .xlsx, .xls, .ods), whose further columns are kept: what they say of people is shown, and filters answers. New and
    changed photos are enrolled; those that are gone are dropped. Photos that cannot be used are listed with the
    reason. An interrupted run goes on where it stopped when the command is run again.

    A run that would take a person, or more than a fifth of the photos, out of the gallery asks first; without a
    terminal it changes nothing and ends with status 1, unless it is given --yes.

    With --quiet it says nothing if nothing happened, else who and what came, changed and went, and a photo that cannot
    be used once and not every night. The status is 0 if the gallery is up to date, whether or not something happened;
    1 if it is not, with the reason on standard error; 2 for a wrong option; above 128 if the run was ended from
    outside, which the next one makes good.

    \b
    Examples:
      niteru index photos/
      niteru index photos/ --dry
      niteru index photos/ --quiet
      niteru index people.xlsx --columns photo=File,person=Name
      niteru index aligned-crops/ --crops --gallery other-gallery
      niteru index photos/ --kind auto
      niteru index photos/ --names metadata
      niteru index s3://bucket/photos --gallery milvus://db.example:19530/faces
      NITERU_DASK=tcp://scheduler:8786 niteru index /shared/photos
    """
    summary = update(
        gallery,
        faces,
        crops=crops,
        dry=dry,
        kind=kind,
        least_recall=least_recall,
        person_level=person_level,
        columns=ColumnNames.parse(columns) if columns else PATH_AND_PERSON,
        names=NamesFrom(names) if names else None,
        agree=None if yes else lambda what: ask(f"{gallery}: this would {what}. Go on?"),
    )
    if as_json:
        print_json(summary.to_dict())
    elif quiet and not dry:
        print_news(summary, gallery)
    else:
        print_summary(summary, gallery)
    if not summary.dry and not summary.faces and summary.unusable:
        fail(f"none of {len(summary.unusable)} photos could be used")


def print_summary(summary: Summary, gallery: str) -> None:
    """Print a summary for people."""
    _list_skipped(summary)
    if summary.dry:
        _list_plan(summary)
        if summary.losses:
            click.echo(f"this would {summary.losses}: a real run asks first, or wants --yes")
    verb = "would be " if summary.dry else ""
    click.echo(
        f"{verb}added {len(summary.added)}, changed {len(summary.changed)}, moved {len(summary.moved)}, "
        f"removed {len(summary.removed)}, unchanged {summary.unchanged}, skipped {len(summary.skipped)}"
    )
    _tell_of_unchanged(summary, verb)
    _tell_of_names(summary.names, dry=summary.dry)
    if not summary.dry:
        _tell_of_lives(summary)
        state = f"generation {summary.generation}" if summary.generation else "nothing to search"
        if summary.albums:
            more = f" and {len(summary.albums) - SHOWN} more" if len(summary.albums) > SHOWN else ""
            names = ", ".join(summary.albums[:SHOWN])
            click.echo(f"these folders show many people, so their names are nobody's: {names}{more}")
        if summary.groups:
            few = "1 group of faces has" if summary.groups == 1 else f"{summary.groups} groups of faces have"
            click.echo(f"{few} no name yet: niteru groups lists them")
        if summary.unlabelled:
            click.echo(f"{summary.unlabelled} other faces are too poor to be searched without a name")
        click.echo(f"{gallery}: {summary.people} people, {summary.faces} faces, {state}, {summary.seconds:.1f} s")


def _tell_of_unchanged(summary: Summary, verb: str) -> None:
    if summary.columns:
        click.echo(f"{verb}taken up: new columns of {summary.columns} unchanged photos")
    if summary.dates_read:
        click.echo(f"{verb}read for their dates: {summary.dates_read} photos known before")


def _tell_of_lives(summary: Summary) -> None:
    if summary.dated:
        click.echo(f"{summary.dated} photos that are searched have a date")
    for person, years in list(summary.disputed.items())[:SHOWN]:
        said = " and ".join(map(str, years))
        click.echo(f'born in {said}: {person} has no age until you say which: niteru name "{person}" --born YEAR')
    if len(summary.disputed) > SHOWN:
        click.echo(f"  … and {len(summary.disputed) - SHOWN} more; --json lists them all")


def _tell_of_names(names: NamesTaken | None, *, dry: bool) -> None:
    if names is None:
        return
    if dry:
        click.echo(f"names would be read in {names.photos} photos")
        return
    click.echo(f"names read in {names.photos} photos; faces named by photo programs: {names.faces}")
    for kind, count in Counter(fault.kind for fault in names.faults).most_common():
        click.echo(f"names, {kind}: {count}")
        for fault in [fault for fault in names.faults if fault.kind == kind][:FEW]:
            click.echo(f"  {fault}")
    if len(names.faults) > FEW:
        click.echo("  --json lists them all")


def _list_skipped(summary: Summary) -> None:
    for reason, count in Counter(summary.skipped.values()).most_common():
        click.echo(f"skipped {count}: {reason}")
    # What was forgotten is nobody's business night after night.
    skipped = summary.unusable
    for photo, reason in sorted(skipped.items())[:SHOWN]:
        click.echo(f"  {photo}: {reason}")
    if len(skipped) > SHOWN:
        click.echo(f"  … and {len(skipped) - SHOWN} more; --json lists them all")


def _list_plan(summary: Summary) -> None:
    plan = {"add": summary.added, "change": summary.changed, "move": summary.moved, "remove": summary.removed}
    for what, photos in plan.items():
        for photo in photos[:SHOWN]:
            click.echo(f"  {what}: {photo}")
        if len(photos) > SHOWN:
            click.echo(f"  {what}: … and {len(photos) - SHOWN} more")

"""``niteru key``: make keys to the service, list them, and withdraw them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.storage.open import open_backend
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.serve.keys.key import Key, Right, new_key
from niteru.serve.keys.key_file import KeyFile


@click.group("key")
def command() -> None:
    """Make keys to the service, list them, and withdraw them.

    Each key has a name, which the service's log tells, and rights: to read is to ask from another machine, to write is
    to add photos and say who somebody is, to delete is to forget. NITERU_API_KEY is the owner's, and has all rights.
    Keys belong to a gallery, and all services of it on this machine know a change at once.

    \b
    Examples:
      niteru key add website
      niteru key list
      niteru key remove website
    """


@command.command("add")
@click.argument("name")
@click.option(
    "--may",
    metavar="RIGHTS",
    default=str(Right.READ),
    show_default=True,
    help="What it may do: read, write and delete, or some of them, with commas between.",
)
@click.option(
    "--until",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day on which it is accepted, such as 2030-12-31; without it there is none.",
)
@gallery_option
@json_option
@plain_errors
def add(name: str, may: str, until: datetime | None, gallery: str, as_json: bool) -> None:
    """Make a key and print it, this once.

    NAME says who has it. The key itself is kept nowhere: whoever loses it gets another.

    \b
    Examples:
      niteru key add website
      niteru key add "$USER" --may read,write,delete
      niteru key add guest --until 2030-12-31
    """
    key, text = new_key(name, _rights(may), None if until is None else until.date())
    backend = open_backend(gallery)
    if not backend.exists():
        raise CatalogError(f"{gallery}: no gallery here. Make one: niteru index FOLDER")
    KeyFile(backend.keys_file).add(key)
    if as_json:
        print_json({**_as_dict(key), "key": text})
        return
    click.echo(text)
    click.echo(f"{gallery}: {_in_words(key)}; it is shown this once, so keep it now", err=True)


@command.command("list")
@gallery_option
@json_option
@plain_errors
def list_keys(gallery: str, as_json: bool) -> None:
    """List the keys, with what they may do and until when.

    \b
    Examples:
      niteru key list
      niteru key list --json
    """
    keys = KeyFile(open_backend(gallery).keys_file).known()
    if as_json:
        print_json({"keys": [_as_dict(key) for key in keys]})
        return
    for key in keys:
        click.echo(_in_words(key))
    if not keys:
        click.echo(f"{gallery}: no keys but the owner's, NITERU_API_KEY; niteru key add NAME makes one", err=True)


@command.command("remove")
@click.argument("name")
@gallery_option
@json_option
@plain_errors
def remove(name: str, gallery: str, as_json: bool) -> None:
    """Withdraw the key of NAME: from now on it opens nothing, in running services, too.

    \b
    Examples:
      niteru key remove website
    """
    KeyFile(open_backend(gallery).keys_file).remove(name)
    if as_json:
        print_json({"removed": name})
    else:
        click.echo(f"{gallery}: the key {name} is withdrawn")


def _rights(may: str) -> set[Right]:
    try:
        return {Right(one.strip()) for one in may.split(",")}
    except ValueError:
        known = f"choose from {', '.join(Right)}, with commas between"
        raise click.BadParameter(f"{may!r}: {known}", param_hint="--may") from None


def _as_dict(key: Key) -> dict[str, Any]:
    """Everything about a key but its hash."""
    until = None if key.until is None else key.until.isoformat()
    rights, made = sorted(key.may), key.made.isoformat()
    return {"name": key.name, "may": rights, "made": made, "until": until, "expired": key.expired}


def _in_words(key: Key) -> str:
    words = f"{key.name} may {', '.join(sorted(key.may))}; made {key.made}"
    if key.until is None:
        return words
    last = _last_day(key.until)
    return f"{words}; expired after {last}" if key.expired else f"{words}; until {last}"


def _last_day(end: datetime) -> date:
    return date.fromordinal(end.astimezone().date().toordinal() - 1)

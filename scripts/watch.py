"""``niteru watch``: take in new photos as soon as they are there."""

from __future__ import annotations

import json
import logging
from functools import partial

import click

from niteru.indexer.storage.open import open_backend
from niteru.indexer.update.enrol import update
from niteru.indexer.update.mending import WouldLose
from niteru.indexer.update.summary import Summary
from niteru.indexer.update.watching import Told, Watch, check_watchable
from niteru.scripts.common import complain, crops_option, gallery_option, json_option, plain_errors, sentence_of
from niteru.scripts.news import print_news


@click.command("watch")
@click.argument("faces")
@gallery_option
@crops_option
@click.option(
    "--settle",
    metavar="SECONDS",
    type=click.FloatRange(0, 3600),
    default=3.0,
    show_default=True,
    help="Wait until nothing has changed for so long: copying takes a while.",
)
@click.option(
    "--poll",
    is_flag=True,
    help="Look at all files every few seconds instead of being told of changes; network drives need it, and get it.",
)
@json_option
@plain_errors
def command(faces: str, gallery: str, crops: bool, settle: float, poll: bool, as_json: bool) -> None:
    """Take in new photos as soon as they are there.

    FACES is as for `niteru index`, on this machine. The gallery is brought up to date at once, and then whenever
    something in FACES has changed and copying has settled; each time it is said who and what came, changed and went. A
    running `niteru serve` answers with the new photos by itself. It goes on until it is ended, by Ctrl-C, say.

    What `niteru index` asks about is refused and told, and the watch goes on: put the photos back, or run
    `niteru index FACES --yes`. With --json it prints one object a line for each run.

    \b
    Examples:
      niteru watch photos/
      niteru watch photos/ --settle 30 --gallery /var/lib/niteru/gallery
      niteru watch /mnt/nas/photos --poll
    """
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    run = partial(update, gallery, faces, crops=crops, agree=lambda _: False)
    watch = Watch(check_watchable(faces), open_backend(gallery).folder.resolve(), run, settle, poll)
    click.echo(f"watching {faces}  (stop it with Ctrl-C)", err=True)
    try:
        for told in watch.follow():
            _say(told, faces, gallery, as_json)
    except KeyboardInterrupt:  # what is half done is taken up by the next run
        return


def _say(told: Told, faces: str, gallery: str, as_json: bool) -> None:
    if isinstance(told, str):
        click.echo(told, err=True)
    elif isinstance(told, WouldLose):
        complain(f"{told}. The watch goes on: put the photos back, or run niteru index {faces} --yes")
    elif isinstance(told, Summary) and as_json:
        click.echo(json.dumps(told.to_dict(), ensure_ascii=False))
    elif isinstance(told, Summary):
        print_news(told, gallery)
    else:
        complain(sentence_of(told) if isinstance(told, OSError) else told)

"""``niteru``: the one command, with its sub-commands."""

from __future__ import annotations

import logging

import click

from scripts import (
    add,
    demo,
    draw,
    evaluate,
    find,
    forget,
    index,
    model,
    people,
    report,
    rollback,
    serve,
    similar,
    stats,
    teach,
    train,
    train_finder,
    verify,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="niteru")
def niteru() -> None:
    """Who looks like whom: a look-alike search engine for folders of labelled photos.

    \b
    niteru index photos/            enrol a folder of people's folders
    niteru similar photos/a/1.jpg   who looks like this face
    niteru serve                    the service and its page
    niteru report                   who looks like whom, over everybody
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("niteru.serve").setLevel(logging.WARNING)  # the service's own news; `serve` wants them


_GALLERY = (index, similar, serve, report, find, people, stats, verify, rollback, add, forget)
_MODELS = (model, train, teach, train_finder, evaluate, demo, draw)
for module in (*_GALLERY, *_MODELS):
    niteru.add_command(module.command)

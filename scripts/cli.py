"""``niteru``: the one command, with its sub-commands."""

from __future__ import annotations

import logging
from importlib import import_module

import click

_GALLERY = (
    "index",
    "similar",
    "serve",
    "report",
    "detect",
    "people",
    "stats",
    "verify",
    "rollback",
    "add",
    "forget",
    "compare",
    "copy",
)
_MODELS = ("model", "fit", "train", "teach", "train-detector", "evaluate", "demo", "draw", "lab")


class _Verbs(click.Group):
    """Sub-commands that are imported when they are asked for: a service need not load what draws and trains.

    After the pattern of click's documentation ("Lazily Loading Subcommands").
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted((*_GALLERY, *_MODELS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in (*_GALLERY, *_MODELS):
            return None
        command: click.Command = import_module(f"niteru.scripts.{cmd_name.replace('-', '_')}").command
        return command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="niteru-faces", prog_name="niteru")
def niteru() -> None:
    """Who looks like whom: a look-alike search engine for folders of labelled photos.

    \b
    niteru index photos/            enrol a folder of people's folders
    niteru similar photos/a/1.jpg   who looks like this face
    niteru serve                    the service and its page
    niteru report                   who looks like whom, over everybody
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for room in ("niteru.ask", "niteru.serve"):  # news of a service, which `niteru serve` wants
        logging.getLogger(room).setLevel(logging.WARNING)

"""Entry point ``niteru``: the group of all commands, which are imported only when they are run."""

from __future__ import annotations

import gc
import logging
from importlib import import_module

import click
from typing_extensions import override

GROUPS = {
    "Everyday": {
        "index": "Bring the gallery up to date with a folder of photos.",
        "similar": "Find the people who look like a face.",
        "serve": "Run the HTTP service and its web page.",
        "report": "Write a report of who looks like whom.",
    },
    "Gallery": {
        "people": "List the people in the gallery.",
        "groups": "List the groups of faces that nobody has named.",
        "name": "Say who a group or a face is.",
        "names": "List the names that people have given to faces.",
        "watch": "Take in new photos as soon as they are there.",
        "changes": "Tell who came, who went, and who has more photos.",
        "stats": "Show what the gallery holds and how alike strangers are.",
        "add": "Add photos of a person by hand.",
        "forget": "Remove a person or photos for good, with proof.",
        "shortlist": "Write people who were picked to a sheet or a table.",
        "compare": "Show how alike two people or photos are, and why.",
        "detect": "Show the faces that are found in a photo.",
        "verify": "Check the gallery for damage and contradictions.",
        "rollback": "Go back to the previous generation of the index.",
        "key": "Make keys to the service, list them, and withdraw them.",
        "copy": "Copy a gallery to another folder or server.",
    },
    "Models": {
        "model": "List, choose and add embedding models.",
        "fit": "Fit a model to the people in your photos.",
        "train": "Train a new embedding model.",
        "teach": "Compute vectors of other models to train with.",
        "train-detector": "Train a new face detector.",
        "evaluate": "Measure how well a model recognises labelled people.",
        "lab": "Rerun early experiments in idol-face recognition.",
    },
    "Try it": {
        "demo": "Try everything on drawn people who do not exist.",
        "draw": "Draw people who do not exist.",
    },
}
"""Commands by group, with the first line of their help, so that ``niteru --help`` need not import them."""


class Commands(click.Group):
    """Group whose commands are imported when they are needed: a service need not load what draws and trains."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for commands in GROUPS.values() for name in commands]

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if not any(cmd_name in commands for commands in GROUPS.values()):
            return None
        # What a module makes stays: looking through it for garbage would cost a tenth of a question's time.
        gc.disable()
        command: click.Command = import_module(f"niteru.scripts.{cmd_name.replace('-', '_')}").command
        gc.freeze()
        gc.enable()
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, self.list_commands(ctx)))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), text) for name, text in commands.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="niteru-faces", prog_name="niteru", message="%(prog)s %(version)s")
def niteru() -> None:
    """Find out who looks like whom in folders of labelled face photos.

    \b
    Examples:
      niteru demo               try everything on drawn people
      niteru index photos/      enrol photos, one folder per person
      niteru similar me.jpg     find the people who look like this face
      niteru serve              search on a web page
      niteru report             compare everybody with everybody

    `niteru COMMAND --help` explains a command.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in ("niteru.ask", "niteru.serve", "faiss"):  # a service's own news, and which of its libraries faiss tries
        logging.getLogger(name).setLevel(logging.WARNING)

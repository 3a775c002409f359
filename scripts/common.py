"""What the commands share: options, plain errors, JSON."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from niteru.engine.failure import Failure
from niteru.engine.work.extras import extra
from niteru.indexer.storage.address import default_address

log = logging.getLogger("niteru")

_MENDABLE = (Failure, OSError, sqlite3.Error)
"""Our own, and the system's: a full disk, no permission, not a folder."""

gallery_option = click.option(
    "--gallery",
    default=default_address,
    show_default="gallery, or NITERU_GALLERY",
    help="Folder of the gallery; or milvus://HOST:PORT/NAME, milvus:FOLDER.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
crops_option = click.option(
    "--crops", is_flag=True, help="The pictures are face crops already: nothing is searched for."
)

strangers_option = click.option(
    "--strangers",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder in which every picture is of another person, loose or in .zip files, to learn from beside FACES.",
)


def fail(message: object) -> NoReturn:
    """Say what is wrong and end with exit status 1."""
    click.echo(f"niteru: {message}", err=True)
    sys.exit(1)


def plain_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn failures that a person can mend into one line and exit status 1; an interruption into 130."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except _MENDABLE as error:
            fail(error)
        except KeyboardInterrupt:
            click.echo("niteru: interrupted; the same command goes on from here", err=True)
            sys.exit(130)

    return wrapped


def print_json(said: object) -> None:
    """One JSON object on standard output."""
    click.echo(json.dumps(said, ensure_ascii=False))


@contextlib.contextmanager
def training_wing() -> Iterator[None]:
    """For the imports of commands that train.

    Raises:
        ExtraMissing: a package that training needs is not installed.
    """
    # TensorFlow leaves oneDNN off on processors without VNNI, where it still trains half again as fast.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with extra("train", "training"):
        yield

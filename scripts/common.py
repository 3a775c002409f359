"""Parts that the commands share: options, plain errors, JSON output."""

from __future__ import annotations

import contextlib
import errno
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
from niteru.scripts.ending import Ended, listen

log = logging.getLogger("niteru")

_ADVICE = {
    errno.ENOSPC: "the disk is full; make room and run the same command again",
    errno.EDQUOT: "your share of the disk is used up; make room and run the same command again",
    errno.EROFS: "it lies on a file system that is read-only",
    errno.EACCES: "this account may not use it; see the owner and the rights of the file and its folders",
    errno.EPERM: "this account may not do that; see the owner and the rights of the file and its folders",
    errno.EMFILE: "too many files are open; allow more with ulimit -n",
}

gallery_option = click.option(
    "--gallery",
    metavar="ADDRESS",
    default=default_address,
    show_default="NITERU_GALLERY, or gallery",
    help="Gallery to use: a folder, milvus:FOLDER, or milvus://HOST:PORT/NAME.",
)
where_option = click.option(
    "--where",
    metavar="CONDITION",
    multiple=True,
    help="Only people of whom a table says this: COLUMN:VALUE, or COLUMN:LOW..HIGH for numbers and dates. Can be given "
    "several times; all conditions are met then.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
crops_option = click.option(
    "--crops", is_flag=True, help="Take the pictures as face crops, without searching them for faces."
)
strangers_option = click.option(
    "--strangers",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of further pictures to learn from, each of a different person, loose or in .zip files.",
)


def out_option(default: str, contents: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Option ``--out`` for a folder to write to."""
    return click.option(
        "--out",
        metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(default),
        show_default=True,
        help=f"Folder to write {contents} to.",
    )


yes_option = click.option("--yes", is_flag=True, help="Do not ask: for cron, and for those who are sure.")


def can_ask() -> bool:
    """Whether there is a terminal to ask on."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str, otherwise: bool = False) -> bool:
    """Ask on the terminal; without one the answer is ``otherwise``."""
    return click.confirm(question, err=True) if can_ask() else otherwise


def complain(message: object) -> None:
    """Print what is wrong."""
    click.echo(f"niteru: {message}", err=True)


def fail(message: object) -> NoReturn:
    """Print what is wrong and exit with status 1."""
    complain(message)
    sys.exit(1)


def sentence_of(error: OSError) -> str:
    """The system's error in words, with the file that it is about."""
    what = _ADVICE.get(error.errno or 0) or error.strerror
    if not what:
        return str(error)
    return f"{error.filename}: {what}" if error.filename else what


def plain_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn errors that a person can mend into one line and exit status 1, and an interruption into status 130."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        listen()
        try:
            return command(*args, **options)
        except BrokenPipeError:  # whoever reads the output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)
        except OSError as error:
            fail(sentence_of(error))
        except (Failure, sqlite3.Error) as error:
            fail(error)
        except Ended as end:
            click.echo(f"niteru: ended by {end}; run the same command again to go on from here", err=True)
            sys.exit(128 + end.number)
        except KeyboardInterrupt:
            click.echo("niteru: interrupted; run the same command again to go on from here", err=True)
            sys.exit(130)

    return wrapped


def columns_in_words(columns: dict[str, list[str]]) -> str:
    """What tables say of a person, in one line; empty if that is nothing."""
    return " · ".join(f"{name}: {', '.join(values)}" for name, values in columns.items())


def print_json(value: object) -> None:
    """Print one JSON object on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False))


@contextlib.contextmanager
def training_packages() -> Iterator[None]:
    """Wrap the imports of commands that train.

    Raises:
        ExtraMissing: a package that training needs is not installed.
    """
    # TensorFlow leaves oneDNN off on processors without VNNI, where it still trains half again as fast.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with extra("train", "training"):
        yield

"""``niteru copy``: copy a gallery, also to another storage backend."""

from __future__ import annotations

from dataclasses import asdict

import click

from niteru.indexer.update.copying import copy_gallery
from niteru.scripts.common import json_option, plain_errors, print_json


@click.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@json_option
@plain_errors
def command(source: str, target: str, as_json: bool) -> None:
    """Copy a gallery to another folder or server.

    FROM is the address of a gallery and TO that of a new one: a folder, milvus:FOLDER, or milvus://HOST:PORT/NAME. The
    copy is checked, and is a gallery of its own; whoever is forgotten in FROM while it is made is left out. An
    interrupted copy goes on where it stopped when the command is run again; no other command opens it until it is
    complete.

    \b
    Examples:
      niteru copy gallery milvus://db.example:19530/faces
      niteru copy milvus://db.example:19530/faces gallery-again
    """
    done = copy_gallery(source, target)
    if as_json:
        print_json(asdict(done))
    else:
        if done.left_out:
            click.echo(
                f"left out {done.left_out} faces that {source} no longer has; no file of the copy has traces of them"
            )
        click.echo(
            f"{target}: copied {done.rows} rows and {done.crops} crops and compared all rows; {done.questions} "
            f"questions get the same answers; {done.faces} faces, generation {done.generation}, {done.seconds:.1f} s"
        )

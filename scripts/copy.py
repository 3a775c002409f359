"""``niteru copy``: a gallery into another backend."""

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
    """Copy the gallery at FROM to a new one at TO, and check the copy: folders, milvus:FOLDER, milvus://HOST:PORT/NAME.

    An interrupted copy goes on; until it is whole nothing else opens it.

    \b
    niteru copy gallery milvus://db.example:19530/faces
    niteru copy milvus://db.example:19530/faces gallery-again
    """
    done = copy_gallery(source, target)
    if as_json:
        print_json(asdict(done))
    else:
        click.echo(
            f"{target}: {done.rows} rows and {done.crops} crops copied, all rows compared again, {done.questions} "
            f"questions answered alike; {done.faces} faces, generation {done.generation}, {done.seconds:.1f} s"
        )

"""``niteru serve``: the service and its page."""

from __future__ import annotations

from pathlib import Path

import click

from scripts.common import crops_option, gallery_option, plain_errors
from serve.server import Server


@click.command("serve")
@gallery_option
@crops_option
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@plain_errors
def command(gallery: Path, crops: bool, port: int, workers: int) -> None:
    """Answer questions at http://127.0.0.1:PORT, for this machine only.

    \b
    niteru serve
    curl 'http://127.0.0.1:8000/similar?image=NAME/photo.jpg'
    curl -F image=@me.jpg http://127.0.0.1:8000/similar
    """
    click.echo(f"http://127.0.0.1:{port}/  (Ctrl-C ends it)", err=True)
    Server({"GALLERY": str(gallery), "CROPS": crops}, "127.0.0.1", port, workers).run()

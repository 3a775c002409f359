"""``niteru serve``: the service and its page."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import click

from indexer import generation
from scripts.common import fail, gallery_option, plain_errors
from serve.server import Server


@click.command("serve")
@gallery_option
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@plain_errors
def command(gallery: Path, port: int, workers: int) -> None:
    """Answer questions at http://127.0.0.1:PORT, for this machine only.

    \b
    niteru serve
    curl 'http://127.0.0.1:8000/similar?image=NAME/photo.jpg'
    curl -F image=@me.jpg http://127.0.0.1:8000/similar
    """
    logging.getLogger("niteru.serve").setLevel(logging.INFO)
    _check_free(port)
    if generation.current(gallery) is None:
        click.echo(f"{gallery}: nothing is indexed there yet; make index FACES=folder-of-photos", err=True)
    click.echo(f"http://127.0.0.1:{port}/  (Ctrl-C ends it)", err=True)
    Server({"GALLERY": str(gallery)}, "127.0.0.1", port, workers).run()


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            fail(f"port {port}: {error.strerror}. Take another: make serve PORT={port + 1}")

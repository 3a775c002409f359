"""``niteru serve``: run the HTTP service and its web page."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path

import click

from niteru.scripts.common import fail, gallery_option, plain_errors
from niteru.serve.http.key import check_key, key_of_this_run
from niteru.serve.http.server import Server

LOOPBACK = "127.0.0.1"


@click.command("serve")
@gallery_option
@click.option(
    "--host",
    metavar="ADDRESS",
    default=LOOPBACK,
    show_default=True,
    help="Address to listen on; one that other machines can reach requires NITERU_API_KEY to be set.",
)
@click.option(
    "--port", metavar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on."
)
@click.option(
    "--workers", metavar="N", type=click.IntRange(1, 64), default=1, show_default=True, help="Number of processes."
)
@click.option(
    "--report",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default="report",
    show_default=True,
    help="Folder of the report to show at /report/.",
)
@plain_errors
def command(gallery: str, host: str, port: int, workers: int, report: Path) -> None:
    """Run the HTTP service and its web page.

    The service runs until it is interrupted, and only this machine can reach it unless --host is given. Its page is at
    http://127.0.0.1:8000/, its description for programs at /openapi.json.

    Naming and forgetting take a key: NITERU_API_KEY, or where that is not set and only this machine can reach the
    service, one that is made for this run. The second address that is printed carries it.

    \b
    Examples:
      niteru serve
      curl 'http://127.0.0.1:8000/similar?image=NAME/photo.jpg'
      curl -F image=@me.jpg http://127.0.0.1:8000/similar
    """
    if workers > 1 and gallery.startswith("milvus:") and not gallery.startswith("milvus://"):
        raise click.UsageError(
            "Milvus Lite supports one process: use --workers 1, or a server (milvus://HOST:PORT/NAME)"
        )
    public = not _is_loopback(host)
    key = os.environ.get("NITERU_API_KEY", "")
    check_key(key, public)
    made = "" if key else key_of_this_run()
    # The processes are sent their settings through a pipe: nobody can read them in a list of processes.
    config = {"GALLERY": gallery, "REPORT": str(report.resolve()), "PUBLIC": public, "HOST": host}
    try:
        server = Server(config | {"API_KEY": key or made}, host, port, workers)
    except OSError as error:
        fail(f"port {port}: {error.strerror}. Choose another one with --port")
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    click.echo(f"{address}  (stop it with Ctrl-C)", err=True)
    if made:
        # What follows # stays in the browser: no request, and so no log, has the key.
        click.echo(f"{address}#key={made}  (the same with the key of this run, for naming and forgetting)", err=True)
    sys.exit(server.run())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name may be anybody's
        return host == "localhost"

"""``niteru serve``: run the HTTP service and its web page, or a booth."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from niteru.scripts.common import fail, gallery_option, plain_errors
from niteru.serve.http.server import Server
from niteru.serve.keys.key_file import KeyFile
from niteru.serve.keys.owners_key import check_key, key_of_this_run

if TYPE_CHECKING:
    from niteru.serve.http.https import Https

LOOPBACK = "127.0.0.1"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("serve")
@gallery_option
@click.option(
    "--host",
    metavar="ADDRESS",
    default=None,
    show_default=LOOPBACK,
    help="Address to listen on; one that other machines can reach requires a key: NITERU_API_KEY, or a niteru key. "
    "Of a booth: the address or name by which phones and tablets reach this machine; it finds that out itself.",
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
@click.option(
    "--keep-judgements",
    is_flag=True,
    help="Keep what visitors who agree to it say in the game: judgements.csv in the gallery, for niteru evaluate "
    "--likeness.",
)
@click.option(
    "--booth", is_flag=True, help="Open a booth for visitors at /booth, by HTTPS on the local network as well."
)
@click.option(
    "--https-port",
    metavar="PORT",
    type=click.IntRange(1, 65535),
    default=8443,
    show_default=True,
    help="Port of a booth for phones and tablets.",
)
@click.option("--certificate", metavar="FILE", type=_FILE, help="Certificate of a booth with its chain, PEM.")
@click.option("--certificate-key", metavar="FILE", type=_FILE, help="Key of that certificate, PEM.")
@plain_errors
def command(
    gallery: str,
    host: str | None,
    port: int,
    workers: int,
    report: Path,
    keep_judgements: bool,
    booth: bool,
    **of_booth: Any,
) -> None:
    """Run the HTTP service and its web page.

    The service runs until it is interrupted, and only this machine can reach it unless --host or --booth is given. Its
    page is at http://127.0.0.1:8000/, its description for programs at /openapi.json. A booth is a page for visitors
    before a camera; docs/booth.md says how to set one up.

    Adding photos, naming and forgetting take a key: NITERU_API_KEY, or where that is not set and only this machine can
    reach the service, one that is made for this run. The second address that is printed carries it. Others get keys
    of their own: niteru key.

    \b
    Examples:
      niteru serve
      niteru serve --booth
      curl 'http://127.0.0.1:8000/similar?image=NAME/photo.jpg'
      curl -F image=@me.jpg http://127.0.0.1:8000/similar
    """
    if workers > 1 and gallery.startswith("milvus:") and not gallery.startswith("milvus://"):
        raise click.UsageError(
            "Milvus Lite supports one process: use --workers 1, or a server (milvus://HOST:PORT/NAME)"
        )
    if booth and workers > 1:
        raise click.UsageError("a booth keeps its visitors' cards in the memory of one process: use --workers 1")
    # A booth listens on this machine, and by HTTPS on the network.
    public = not booth and not _is_loopback(host or LOOPBACK)
    key = os.environ.get("NITERU_API_KEY", "")
    if public:  # the processes that answer look at it, too, but the network's address is open by then
        from niteru.indexer.storage.open import open_backend  # loads all that searches, which this process never does

        check_key(key, public, KeyFile(open_backend(gallery).keys_file))
    made = "" if key else key_of_this_run()
    local = LOOPBACK if booth or host is None else host
    # The processes are sent their settings through a pipe: nobody can read them in a list of processes.
    config = {"GALLERY": gallery, "REPORT": str(report.resolve()), "PUBLIC": public, "HOST": local}
    config["KEEP_JUDGEMENTS"] = keep_judgements
    https = _open(config, host, port, **of_booth) if booth else None
    try:
        server = Server(config | {"API_KEY": key or made}, local, port, workers, https=https)
    except OSError as error:
        fail(f"port {port}: {error.strerror}. Choose another one with --port")
    address = f"http://{f'[{local}]' if ':' in local else local}:{port}/"
    click.echo(f"{address}  (stop it with Ctrl-C)", err=True)
    if made:
        # What follows # stays in the browser: no request, and so no log, has the key.
        click.echo(f"{address}#key={made}  (the same with the key of this run, for naming and forgetting)", err=True)
    sys.exit(server.run())


def _open(
    config: dict[str, Any],
    host: str | None,
    port: int,
    https_port: int,
    certificate: Path | None,
    certificate_key: Path | None,
) -> Https:
    """Open the booth, put it into the settings of the service, and tell the staff what they need."""
    from niteru.serve.booth.certificate import Certificate, fingerprint
    from niteru.serve.booth.opening import open_booth

    if (certificate is None) != (certificate_key is None):
        raise click.UsageError("--certificate and --certificate-key belong together: give both")
    brought = Certificate(certificate, certificate_key) if certificate and certificate_key else None
    try:
        opened = open_booth(host, https_port, brought)
    except OSError as error:
        fail(f"port {https_port}: {error.strerror}. Choose another one with --https-port")
    config["BOOTH"] = opened.at
    click.echo(f"booth on this machine  http://localhost:{port}/booth", err=True)
    click.echo(f"booth on a tablet      {opened.at.https}/booth", err=True)
    click.echo(f"code for the staff     {opened.at.code}", err=True)
    if host is None and "//127.0.0.1:" in opened.at.https:
        click.echo("no network was found: phones and tablets cannot reach this machine; see --host", err=True)
    if opened.authority is not None:
        click.echo(f"to trust it            {opened.at.https}/booth/trust", err=True)
        click.echo(f"its fingerprint        {fingerprint(opened.authority)}", err=True)
    return opened.https


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name may be anybody's
        return host == "localhost"

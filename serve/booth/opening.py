"""Opening of a booth: its code, its certificate, and the socket that phones and tablets connect to."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from niteru.engine.failure import Failure
from niteru.engine.work.extras import extra
from niteru.engine.work.user_folders import config_folder
from niteru.serve.booth.booth import BoothAddress, new_code
from niteru.serve.booth.certificate import Certificate, own_certificate, reachable_address
from niteru.serve.http.https import Https
from niteru.serve.http.listening import listen_on


class CertificateUnusable(Failure):
    """A certificate that somebody brought cannot be used."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedBooth:
    """A booth's address, the way in to it, and its own authority, if it has one."""

    at: BoothAddress
    https: Https
    authority: Path | None


def open_booth(host: str | None, port: int, brought: Certificate | None = None) -> OpenedBooth:
    """Make the certificate where that is needed, and listen.

    Args:
        host: address or name under which phones and tablets reach this machine; None to find it out.
        port: of HTTPS.
        brought: a certificate to use instead of the booth's own.

    Raises:
        ExtraMissing: the extra ``booth`` is not installed.
        CertificateUnusable: the certificate that was brought cannot be used.
        OSError: the port cannot be listened on.
    """
    with extra("booth", "a booth"):
        import cryptography  # noqa: F401
        import segno  # noqa: F401
    folder, name = config_folder() / "booth", host or reachable_address()
    certificate = brought or own_certificate(folder, name)
    https = Https(listen_on(_listened_on(host), port), certificate.chain, certificate.key)
    try:
        https.context()
    except OSError as error:  # as ssl.SSLError is
        https.sock.close()
        raise CertificateUnusable(
            f"{certificate.chain} and {certificate.key} cannot be used: {error}. Give a certificate with its chain and "
            "its key without a password, both PEM"
        ) from None
    shown = f"[{name}]" if ":" in name else name
    at = BoothAddress(f"https://{shown}:{port}", new_code(), folder)
    return OpenedBooth(at, https, certificate.authority)


def _listened_on(host: str | None) -> str:
    """The address itself; everything where others reach this machine by a name, or in ways that are not known."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(host or ""))
    return "0.0.0.0"

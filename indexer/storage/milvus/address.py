"""Addresses of galleries in Milvus: ``milvus://HOST:PORT/NAME``, or ``milvus:FOLDER`` for Milvus Lite."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from niteru.engine.work.user_folders import cache_folder
from niteru.indexer.storage.address import BadAddress

SCHEME = "milvus"
_TLS = f"{SCHEME}+tls"
_PORT = 19530
_NAME = re.compile(r"(?!.*__)[A-Za-z_][A-Za-z0-9_]{0,99}")
"""Names may not contain ``__``, which separates a gallery's name from the rest of its collections' names."""
_LITE_NAME = "gallery"


def is_milvus(address: object) -> bool:
    """Whether an address begins as those of Milvus do."""
    return isinstance(address, str) and address.startswith((f"{SCHEME}:", f"{_TLS}:"))


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address.

    Attributes:
        uri: of Milvus itself.
        name: of the gallery there; the names of its collections begin with it.
        folder: on this machine, for the copy of the catalogue and unfinished work.
        lite: folder of Milvus Lite; None for a server.
    """

    uri: str
    name: str
    folder: Path
    lite: Path | None

    @classmethod
    def read(cls, address: str) -> Address:
        """Split an address into its parts.

        Raises:
            BadAddress: it is malformed.
        """
        if address.startswith((f"{SCHEME}://", f"{_TLS}://")):
            return cls._of_server(address)
        folder = Path(address.removeprefix(f"{SCHEME}:")).expanduser().resolve()
        if not address.removeprefix(f"{SCHEME}:") or address.startswith(_TLS):
            raise BadAddress(f"{address}: give milvus:FOLDER, or milvus://HOST:{_PORT}/NAME")
        return cls(str(folder / "milvus.db"), _LITE_NAME, folder / "here", folder)

    @classmethod
    def _of_server(cls, address: str) -> Address:
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port or _PORT
        except ValueError as error:
            raise BadAddress(f"{address}: {error}") from None
        name = parts.path.strip("/")
        if not host or parts.username or parts.query:
            raise BadAddress(f"{address}: give milvus://HOST:{_PORT}/NAME; a password goes into NITERU_MILVUS_TOKEN")
        if not _NAME.fullmatch(name):
            raise BadAddress(
                f"{address}: {name!r} cannot name a gallery in Milvus: use letters, digits and single _, no digit first"
            )
        mark = hashlib.sha256(f"{host}:{port}".encode()).hexdigest()[:8]
        scheme = "https" if parts.scheme == _TLS else "http"
        shown = f"[{host}]" if ":" in host else host
        return cls(f"{scheme}://{shown}:{port}", name, cache_folder() / "galleries" / f"{name}-{mark}", None)

"""Where a gallery in Milvus is: ``milvus://HOST:PORT/NAME``, or ``milvus:FOLDER`` for Milvus Lite."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from niteru.engine.work.cache import cache_folder
from niteru.indexer.storage.address import BadAddress

SCHEME = "milvus"
_TLS = f"{SCHEME}+tls"
_PORT = 19530
_NAME = re.compile(r"(?!.*__)[A-Za-z_][A-Za-z0-9_]{0,99}")
"""Two of _ in a row part a gallery's name from its collections'."""
_LITE_NAME = "gallery"


def is_milvus(place: object) -> bool:
    """Whether an address is one of Milvus."""
    return isinstance(place, str) and place.startswith((f"{SCHEME}:", f"{_TLS}:"))


@dataclass(frozen=True, slots=True)
class Address:
    """A gallery in Milvus.

    Attributes:
        said: as it was given.
        uri: that Milvus is reached at.
        name: of the gallery there; its collections begin with it.
        folder: of this machine, for the copy of the catalogue and work that is half done.
        lite: folder of Milvus Lite; None for a server.
    """

    said: str
    uri: str
    name: str
    folder: Path
    lite: Path | None

    @classmethod
    def read(cls, place: str) -> Address:
        """Take an address apart.

        Raises:
            BadAddress: it is none.
        """
        if place.startswith((f"{SCHEME}://", f"{_TLS}://")):
            return cls._of_server(place)
        folder = Path(place.removeprefix(f"{SCHEME}:")).expanduser().resolve()
        if not place.removeprefix(f"{SCHEME}:") or place.startswith(_TLS):
            raise BadAddress(f"{place}: say milvus:FOLDER, or milvus://HOST:{_PORT}/NAME")
        return cls(place, str(folder / "milvus.db"), _LITE_NAME, folder / "here", folder)

    @classmethod
    def _of_server(cls, place: str) -> Address:
        try:
            parts = urlsplit(place)
            host, port = parts.hostname, parts.port or _PORT
        except ValueError as error:
            raise BadAddress(f"{place}: {error}") from None
        name = parts.path.strip("/")
        if not host or parts.username or parts.query:
            raise BadAddress(f"{place}: say milvus://HOST:{_PORT}/NAME; a password comes in NITERU_MILVUS_TOKEN")
        if not _NAME.fullmatch(name):
            raise BadAddress(
                f"{place}: {name!r} is no name for a gallery in Milvus: letters, digits and single _, no digit first"
            )
        mark = hashlib.sha256(f"{host}:{port}".encode()).hexdigest()[:8]
        scheme = "https" if parts.scheme == _TLS else "http"
        shown = f"[{host}]" if ":" in host else host
        return cls(place, f"{scheme}://{shown}:{port}", name, cache_folder() / "galleries" / f"{name}-{mark}", None)

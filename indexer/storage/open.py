"""The storage backend at an address."""

from __future__ import annotations

from pathlib import Path

from niteru.indexer.storage.address import BadAddress
from niteru.indexer.storage.backend import Backend
from niteru.indexer.storage.local.backend import LocalBackend
from niteru.indexer.storage.milvus.address import is_milvus


def open_backend(place: str | Path) -> Backend:
    """The backend at an address.

    Args:
        place: a folder, ``milvus://HOST:PORT/NAME``, or ``milvus:FOLDER`` for Milvus Lite.

    Raises:
        BadAddress: no such address. (Whether anybody answers there is seen at first use: BackendUnavailable,
            GalleryBusy.)
        ExtraMissing: it is in Milvus, and the package for it is not installed.
    """
    if is_milvus(place):
        from niteru.indexer.storage.milvus.backend import MilvusBackend

        return MilvusBackend(str(place))
    if isinstance(place, str) and "://" in place:
        raise BadAddress(f"{place}: a gallery is a folder, milvus:FOLDER, or milvus://HOST:19530/NAME")
    return LocalBackend(Path(place))

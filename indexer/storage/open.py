"""Choice of the storage backend by a gallery's address."""

from __future__ import annotations

from pathlib import Path

from niteru.indexer.storage.address import BadAddress
from niteru.indexer.storage.backend import Backend
from niteru.indexer.storage.local.backend import LocalBackend
from niteru.indexer.storage.milvus.address import is_milvus


def open_backend(address: str | Path) -> Backend:
    """Choose the backend for an address, without touching what is there.

    A server that is down, or a gallery that is not there, shows only at first use (BackendUnavailable, GalleryBusy,
    CatalogError).

    Args:
        address: a folder, ``milvus://HOST:PORT/NAME``, or ``milvus:FOLDER`` for Milvus Lite.

    Raises:
        BadAddress: no gallery can be at such an address.
        ExtraMissing: the package that the backend needs is not installed; the message names it.

    Example:
        >>> open_backend("gallery").exists()
        False
        >>> open_backend("s3://bucket/gallery")
        Traceback (most recent call last):
        ...
        niteru.indexer.storage.address.BadAddress: s3://bucket/gallery: a gallery is a folder, milvus:FOLDER, or ...
    """
    if is_milvus(address):
        from niteru.indexer.storage.milvus.backend import MilvusBackend

        return MilvusBackend(str(address))
    if isinstance(address, str) and "://" in address:
        raise BadAddress(f"{address}: a gallery is a folder, milvus:FOLDER, or milvus://HOST:19530/NAME")
    return LocalBackend(Path(address))

"""What runs have told of photos that cannot be used, so that nobody is told the same every night."""

from __future__ import annotations

import hashlib
import json

from niteru.indexer.catalog.catalog import TOLD, Catalog


def newly_told(catalog: Catalog, unusable: dict[str, str]) -> dict[str, str]:
    """Choose the photos that no run before has told with the same reason, and remember all of them as told.

    The catalogue keeps hashes, keyed with the gallery's id, for the names of photos say who is on them.

    Args:
        catalog: opened for writing.
        unusable: every photo that cannot be used now, and its reason.
    """
    known = set(json.loads(catalog.queries.setting(TOLD) or "[]"))
    marks = {photo: _mark(catalog, photo, reason) for photo, reason in unusable.items()}
    if known != set(marks.values()):
        with catalog.transaction():
            catalog.set_setting(TOLD, json.dumps(sorted(marks.values())))
    return {photo: reason for photo, reason in unusable.items() if marks[photo] not in known}


def _mark(catalog: Catalog, photo: str, reason: str) -> str:
    text = f"{photo}\n{reason}".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, key=catalog.gallery_id.encode(), digest_size=8).hexdigest()

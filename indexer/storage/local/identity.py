"""Identity of a gallery in a folder: its id stays when it is moved, and a copy of its files becomes another gallery."""

from __future__ import annotations

import contextlib
import secrets
from contextlib import closing
from pathlib import Path

from niteru.indexer.catalog.catalog import GALLERY_ID, HOME, Catalog
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.storage.local.unmarked_reports import mark_reports

LISTS = ("reports.json", "copies.json")
"""Files that say what a gallery has elsewhere: a copy has nothing there."""


def is_settled(catalog: Catalog, folder: Path) -> bool:
    """Whether a gallery lies where it was last written to."""
    return catalog.queries.setting(HOME) == str(folder.resolve())


def settle(catalog: Catalog, file: Path) -> None:
    """Record where a gallery lies, and give one whose files were copied an id of its own.

    It was copied, and not moved, if its original still stands where it did.

    Args:
        catalog: opened for writing.
        file: of the catalogue, in the gallery's folder.
    """
    if is_settled(catalog, file.parent):
        return
    home = catalog.queries.setting(HOME)
    if home is None:
        mark_reports(catalog, file.parent)
    copied = home is not None and _is_original(Path(home) / file.name, file, catalog.gallery_id)
    if copied:
        for name in LISTS:
            (file.parent / name).unlink(missing_ok=True)
    with catalog.transaction():
        if copied:
            catalog.set_setting(GALLERY_ID, secrets.token_hex(16))
        catalog.set_setting(HOME, str(file.parent.resolve()))


def _is_original(there: Path, here: Path, gallery: str) -> bool:
    """Whether another file is a catalogue with the same id, and not this very one by another path."""
    with contextlib.suppress(OSError, CatalogError):
        # By number alone: one file that is mounted twice may have two devices.
        if there.is_file() and there.stat().st_ino != here.stat().st_ino:
            with closing(Catalog(there, readonly=True)) as other:
                return other.gallery_id == gallery
    return False

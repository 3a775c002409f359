"""Where names come from besides people's folders: from nowhere, unless somebody said that photo programs gave some."""

from __future__ import annotations

from enum import StrEnum

from niteru.indexer.catalog.catalog import Catalog

_NAMES = "names"
"""Setting: where names come from."""


class NamesFrom(StrEnum):
    """Where names come from, in a stable spelling."""

    FOLDERS = "folders"
    """From people's folders, or a table."""
    METADATA = "metadata"
    """From what photo programs wrote into photos and beside them, and from folders for all other faces."""


def kept_names(catalog: Catalog) -> NamesFrom:
    """The choice that an earlier run was given."""
    return NamesFrom(catalog.queries.setting(_NAMES) or NamesFrom.FOLDERS)


def keep_names(catalog: Catalog, names: NamesFrom | None) -> None:
    """Keep a choice for the runs to come; None leaves it as it was. What counts no more is deleted."""
    if names is not None:
        with catalog.transaction():
            catalog.set_setting(_NAMES, names)
            if names == NamesFrom.FOLDERS:
                catalog.claims.drop_all()

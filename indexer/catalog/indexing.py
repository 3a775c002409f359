"""How far a run that reads photos has come, for whoever looks at the gallery meanwhile."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from time import time

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.queries import CatalogQueries

INDEXING = "indexing"
"""Setting: how far a run has come; a gallery's own, and not copied."""
SILENT_S = 120.0
"""Seconds without a batch after which a run is taken to have ended."""


@dataclass(frozen=True, slots=True)
class Indexing:
    """A run that reads photos: how many are done, of how many, and when that was written (seconds since 1970)."""

    done: int
    total: int
    at: float


def note_progress(catalog: Catalog, done: int, total: int) -> None:
    """Write down how far a run has come."""
    with catalog.transaction():
        catalog.set_setting(INDEXING, json.dumps(asdict(Indexing(done, total, time()))))


def forget_progress(catalog: Catalog) -> None:
    """Note that a run has read all of its photos."""
    with catalog.transaction():
        catalog.drop_setting(INDEXING)


def indexing(queries: CatalogQueries) -> Indexing | None:
    """The run that reads photos now; None without one."""
    text = queries.setting(INDEXING)
    run = None if text is None else Indexing(**json.loads(text))
    return run if run is not None and time() - run.at < SILENT_S else None

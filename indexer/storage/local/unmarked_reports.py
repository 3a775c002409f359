"""Reports of niteru 0.1.0, which no mark tells of: they are given one, so that they go with whom they show.

0.1.0 kept a list of where a gallery's reports lie, and knew the gallery by its path.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from niteru.engine.photos.own_work import MARK
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.storage.gallery_list import GalleryList, place_of
from niteru.indexer.storage.report_folder import FILES, Origin, mark_report
from niteru.indexer.storage.reports import KNOWN

_TABLES = {f"{name}.{kind}" for name in ("pairs", "people", "suspects") for kind in ("csv", "parquet")}
_PARTS = {"index.html", "report.js", "report.json", "map.webp", "rows", "crops", *_TABLES}
_OTHERS = {".DS_Store", "Thumbs.db", "desktop.ini", MARK, FILES}
"""What systems leave there, and what a run that was interrupted here did."""


def mark_reports(catalog: Catalog, gallery: Path) -> None:
    """Mark the reports in a gallery's list of 0.1.0, and write the list as it is written today.

    A list of a gallery that was moved since, and one that names a report out of reach, is left as it is: whoever
    forgets somebody is told of it.

    Args:
        catalog: opened for writing.
        gallery: the gallery's folder.
    """
    file = gallery / KNOWN
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        said = json.loads(file.read_text(encoding="utf-8"))
        folders = [Path(address) for address in said["reports"]]
        if said["gallery"] != str(gallery.resolve()) or not all(folder.parent.is_dir() for folder in folders):
            return
        places = []
        for folder in folders:
            report = _report_in(folder)
            if report is not None:
                origin = Origin(catalog.gallery_id, _erasures(catalog, report))
                mark_report(folder, origin)
                places.append(place_of(folder, gallery, origin.erasures))
        GalleryList(file, catalog.gallery_id).begin(places)


def _report_in(folder: Path) -> dict[str, Any] | None:
    """What a folder's report says; None if it holds none, or something else, too."""
    file = folder / "report.json"
    if not file.is_file() or not {path.name for path in folder.iterdir()} <= _PARTS | _OTHERS:
        return None
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return said if "pairs_measured" in said else None


def _erasures(catalog: Catalog, report: dict[str, Any]) -> int:
    """Erasures that a report knows of: all, unless it was made of a generation from before the last one."""
    first = catalog.queries.first_since_erasure()
    return catalog.erasures() if first is not None and int(report["generation"]) >= first else 0

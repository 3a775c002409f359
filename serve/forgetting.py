"""Forgetting as people mean it: out of the gallery, and out of the reports that were made of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from indexer.forgetting import Receipt, Unknown, forget
from indexer.lock import GalleryBusy
from serve.report_folder import withdraw_report

REPORTS = "reports.json"
"""In the folder of a gallery: where its reports lie."""


def remember_report(gallery: Path, report: Path) -> None:
    """Note where a report lies, in a gallery that can be written."""
    known = sorted({*_reports(gallery), str(report)})
    with contextlib.suppress(OSError):
        aside = gallery / f"{REPORTS}.tmp"
        aside.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        aside.replace(gallery / REPORTS)


def forget_everywhere(
    gallery: Path, person: str | None, photos: Sequence[str] = (), also: Iterable[Path] = ()
) -> tuple[Receipt, list[Path]]:
    """Forget, and take the reports away that show who was forgotten.

    Args:
        gallery: its folder.
        person: name, or None.
        photos: paths below the folder of photos, or none; :func:`indexer.forgetting.forget` says what is raised.
        also: folders of reports beside those that the gallery knows of.

    Returns:
        The receipt, and the folders of the reports that were taken away.
    """
    places = {*map(Path, _reports(gallery)), *(place.resolve() for place in also)}
    try:
        receipt = forget(gallery, person, photos)
    except (Unknown, GalleryBusy):  # nothing was begun
        raise
    except Exception:
        _withdraw(gallery, places)
        raise
    return receipt, _withdraw(gallery, places)


def said_of(receipt: Receipt, reports: list[Path]) -> dict[str, Any]:
    """For programs."""
    return {"clean": receipt.clean, **asdict(receipt), "reports": len(reports)}


def _withdraw(gallery: Path, places: set[Path]) -> list[Path]:
    taken = [place for place in sorted(places) if withdraw_report(place)]
    (gallery / REPORTS).unlink(missing_ok=True)
    return taken


def _reports(gallery: Path) -> list[str]:
    try:
        return [str(place) for place in json.loads((gallery / REPORTS).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []

"""``docs/benchmarks.md``, made of ``benchmarks.md.jinja`` with tables and plots of the results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.beside.plots import plot_asking, plot_search
from bench.beside.tables import TABLES, ordered, promised, short
from bench.beside.targets import targets
from bench.regression import LAST_RELEASE
from niteru import __version__

TEMPLATE = "benchmarks.md.jinja"
KEPT = Path(__file__).parents[2] / "docs" / "benchmarks"
"""Folder of the results of each release."""


def results_of(version: str) -> dict[str, Any]:
    """Results of a release, as they lie in ``docs/``."""
    results: dict[str, Any] = json.loads((KEPT / f"{version}.json").read_text(encoding="utf-8"))
    return results


def write_page(results: dict[str, Any], out: Path, before: dict[str, Any] | None = None) -> None:
    """Write OUT/benchmarks.md and OUT/benchmarks/*.png.

    Args:
        results: results of each work that was measured.
        out: folder to write to.
        before: results of the last release, where ``results`` are this release's own. The page then compares them, has
            our remarks, and shows what the last release did where that was not measured again.
    """
    measured = results
    results = _dated(before or {}, LAST_RELEASE) | _dated(measured, __version__)
    if "asking" in results:
        plot_asking(results["asking"]["rows"], out / "benchmarks" / "asking.png")
    if "search" in results:
        plot_search(results["search"]["rows"], out / "benchmarks" / "search.png")
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["short"] = short
    tables = {
        name: make(ordered(results[work]["rows"]))
        for work, some in TABLES.items()
        if work in results
        for name, make in some.items()
    }
    rows = {work: ordered(part["rows"]) for work, part in results.items() if "rows" in part}
    page = templates.get_template(TEMPLATE).render(
        results=results,
        rows=rows,
        tables=tables,
        promised=promised(targets(measured), targets(before or {})),
        parts=[{"work": work, "about": _about(part), **part} for work, part in results.items() if "rows" in part],
        release=__version__,
        versions=results.get("versions", {}),
        noted=before is not None,
        last=LAST_RELEASE,
    )
    (out / "benchmarks.md").write_text(page, encoding="utf-8")


def _about(part: dict[str, Any]) -> str:
    return f"niteru {part['release']}, measured on {part['machine']}"


def _dated(results: dict[str, Any], release: str) -> dict[str, Any]:
    """Results in which each part names the release that was measured."""
    return {work: {**part, "release": release} if "rows" in part else part for work, part in results.items()}

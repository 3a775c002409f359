"""``docs/benchmarks.md``, made of ``benchmarks.md.jinja`` with tables and plots of the results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.beside.plots import plot_asking, plot_search
from bench.beside.tables import TABLES, ordered, promised, short
from bench.beside.targets import targets

TEMPLATE = "benchmarks.md.jinja"


def write_page(results: dict[str, Any], out: Path, *, noted: bool = False) -> None:
    """Write OUT/benchmarks.md and OUT/benchmarks/*.png.

    Args:
        results: results of each work.
        out: folder to write to.
        noted: whether to include remarks on niteru's own run of all works.
    """
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
        promised=promised(targets(results)),
        parts=[{"work": work, **part} for work, part in results.items() if "rows" in part],
        versions=results.get("versions", {}),
        noted=noted,
    )
    (out / "benchmarks.md").write_text(page, encoding="utf-8")

"""``docs/benchmarks.md``: the words of ``benchmarks.md.jinja``, with tables and plots of what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.beside.plots import plot_asking, plot_search
from bench.beside.tables import TABLES, ordered, promised, short
from bench.beside.targets import targets

TEMPLATE = "benchmarks.md.jinja"


def write_page(said: dict[str, Any], out: Path, *, noted: bool = False) -> None:
    """Write OUT/benchmarks.md and OUT/benchmarks/*.png.

    Args:
        said: what was measured, by work.
        out: a folder.
        noted: with what niteru's makers found in their own run of all works.
    """
    if "asking" in said:
        plot_asking(said["asking"]["rows"], out / "benchmarks" / "asking.png")
    if "search" in said:
        plot_search(said["search"]["rows"], out / "benchmarks" / "search.png")
    words = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words.filters["short"] = short
    tables = {
        name: make(ordered(said[work]["rows"]))
        for work, some in TABLES.items()
        if work in said
        for name, make in some.items()
    }
    rows = {work: ordered(part["rows"]) for work, part in said.items() if "rows" in part}
    page = words.get_template(TEMPLATE).render(
        said=said,
        rows=rows,
        tables=tables,
        promised=promised(targets(said)),
        parts=[{"work": work, **part} for work, part in said.items() if "rows" in part],
        versions=said.get("versions", {}),
        noted=noted,
    )
    (out / "benchmarks.md").write_text(page, encoding="utf-8")

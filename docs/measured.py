"""What the README says in figures, from the results of the last release that has them; ``cog`` asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from packaging.version import Version

Row = dict[str, Any]
NETWORKS = {
    "niteru-v5": "niteru-v5",
    "MobileFaceNet": "the phone network it began as",
    "niteru-free": "niteru-free (dlib)",
}
"""Networks of the README's table, and what it calls them."""
ROWS: dict[str, Callable[[Row], str]] = {
    "Labeled Faces in the Wild: TAR at FMR 1e-3": lambda row: f"{row['yardsticks']['lfw TAR 1e-3']:.3f}",
    "strangers of the worst adult group taken for one another": lambda row: _taken(row, "worst adults"),
    "the same for children, and for babies": lambda row: f"{_taken(row, 'children')}, {_taken(row, 'babies')}",
    "100 people × 12 photographs: the nearest other photo is theirs": lambda row: f"{row['recall_at_1']:.3f}",
    "milliseconds a face, one thread": lambda row: f"{row['ms']:.1f}",
}


def networks() -> str:
    """The table of networks, as Markdown."""
    rows = _last("networks")
    lines = [("`make bench ONLY=networks`", *NETWORKS.values()), ["---"] * (len(NETWORKS) + 1)]
    lines += [(name, *(tell(rows[network]) for network in NETWORKS)) for name, tell in ROWS.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _last(work: str) -> dict[str, Row]:
    """What was measured last of a work."""
    files = sorted(Path(__file__).with_name("benchmarks").glob("*.json"), key=lambda file: Version(file.stem))
    results = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    rows: dict[str, Row] = next(one[work]["rows"] for one in reversed(results) if work in one)
    return rows


def _taken(row: Row, group: str) -> str:
    return f"{100 * row['yardsticks'][f'groups {group}']:.2g} %"

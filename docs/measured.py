"""What the README says of itself in figures, from the results of this release; ``cog`` asks for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from niteru import __version__

NETWORKS = {
    "niteru-v5": "niteru-v5",
    "MobileFaceNet": "the phone network it began as",
    "niteru-free": "niteru-free (dlib)",
}
"""Networks of the README's table, and what it calls them."""
ROWS = {
    "Labeled Faces in the Wild: TAR at FMR 1e-3": lambda row: f"{row['yardsticks']['lfw TAR 1e-3']:.3f}",
    "strangers of the worst adult group taken for one another": lambda row: _percent(row, "worst adults"),
    "the same for children, and for babies": lambda row: f"{_percent(row, 'children')}, {_percent(row, 'babies')}",
    "100 people × 12 photographs: the nearest other photo is theirs": lambda row: f"{row['recall_at_1']:.3f}",
    "milliseconds a face, one thread": lambda row: f"{row['ms']:.1f}",
}


def networks() -> str:
    """The table of networks, as Markdown."""
    rows = _results()["networks"]["rows"]
    lines = ["| `make bench ONLY=networks` | " + " | ".join(NETWORKS.values()) + " |", "|---" * (len(NETWORKS) + 1) + "|"]
    lines += [
        f"| {name} | " + " | ".join(tell(rows[network]) for network in NETWORKS) + " |" for name, tell in ROWS.items()
    ]
    return "\n".join(lines)


def _results() -> dict[str, Any]:
    file = Path(__file__).with_name("benchmarks") / f"{__version__}.json"
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return results


def _percent(row: dict[str, Any], group: str) -> str:
    return f"{100 * row['yardsticks'][f'groups {group}']:.2g} %"

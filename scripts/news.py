"""What a run found new, for those whom it reaches every night."""

from __future__ import annotations

import click

from niteru.indexer.update.summary import Summary
from niteru.serve.changes.lines import lines

SHOWN = 20


def print_news(summary: Summary, gallery: str) -> None:
    """Print who and what came, changed and went; nothing at all if nothing did."""
    counts = {
        "came": len(summary.added),
        "changed": len(summary.changed),
        "moved": len(summary.moved),
        "went": len(summary.removed),
        "told otherwise by the table": summary.columns,
    }
    told = [
        *([f"photos that {what}"] if (what := ", ".join(f"{what}: {n}" for what, n in counts.items() if n)) else []),
        *([summary.mended] if summary.mended else []),
        *_first(lines(summary.people_changed)),
        *_first([f"cannot be used: {photo} ({why})" for photo, why in sorted(summary.newly_told.items())]),
    ]
    if told:
        click.echo(f"{gallery}: {summary.people} people, {summary.faces} faces")
    for line in told:
        click.echo(f"  {line}")


def _first(told: list[str]) -> list[str]:
    return [*told[:SHOWN], *([f"… and {len(told) - SHOWN} more"] if len(told) > SHOWN else [])]

"""What a run found new, for those whom it reaches every night."""

from __future__ import annotations

import click

from niteru.indexer.update.summary import Summary

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
    lines = [
        *([f"photos that {told}"] if (told := ", ".join(f"{what}: {n}" for what, n in counts.items() if n)) else []),
        *([summary.mended] if summary.mended else []),
        *_listed("new", summary.came),
        *_listed("gone", summary.went),
        *_listed("cannot be used", [f"{photo} ({why})" for photo, why in sorted(summary.newly_told.items())]),
    ]
    if lines:
        click.echo(f"{gallery}: {summary.people} people, {summary.faces} faces")
    for line in lines:
        click.echo(f"  {line}")


def _listed(what: str, names: list[str]) -> list[str]:
    more = [f"… and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return [f"{what}: {name}" for name in [*names[:SHOWN], *more]]

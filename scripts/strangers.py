"""``niteru evaluate --strangers``: how often are strangers of one group taken for one another?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from niteru.engine.embedding.embedder import Embedder
from niteru.engine.evaluation.crop_set import CropSet, prepare
from niteru.engine.evaluation.groups import Group, measure_groups, thresholds, worst_adults
from niteru.engine.faces.contact_sheet import contact_sheet, save_picture
from niteru.engine.work.extras import ExtraMissing, extra
from niteru.scripts.common import log


def strangers(faces: Path, at: Path, embedder: Embedder, out: Path, crops: bool) -> dict[str, Any]:
    """Measure the groups in ``faces`` at the thresholds of the people in ``at``; writes tables and pictures to ``out``.

    Returns:
        The figures, as ``groups.json`` has them.
    """
    people = prepare(at, crops=crops)
    limits = thresholds(embedder.embed(people.crops), people.people)
    listed = prepare(faces, crops=crops, strangers=True)
    groups = measure_groups(listed, embedder.embed(listed.crops), limits)
    figures: dict[str, Any] = {
        "model": embedder.info.id,
        "at": str(at),
        "thresholds": {f"{fmr:g}": round(limit, 4) for fmr, limit in limits.items()},
        "worst_adults": worst_adults(groups),
        "groups": {group.name: group.to_dict() for group in groups},
        "skipped": [{"photo": photo, "reason": reason} for photo, reason in listed.skipped],
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "groups.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    _draw(groups, out)
    for group in groups:
        _draw_worst(group, listed, out)
    return figures


def tell(figures: dict[str, Any], out: Path) -> None:
    """Print the figures as a table, the worst group first."""
    rates = list(figures["thresholds"])
    click.echo("Pairs of strangers that pass, at the thresholds that let one pair in so many pass in " + figures["at"])
    click.echo(
        f"{'':24}{'pictures':>9}{'pairs':>9}" + "".join(f"{f'1 in {1 / float(rate):,.0f}':>13}" for rate in rates)
    )
    for name, group in figures["groups"].items():
        cells = "".join(f"{group['passing'][rate]:>13.3%}" for rate in rates)
        click.echo(f"{name:24}{group['pictures']:9,}{group['pairs']:9,}{cells}")
    if figures["worst_adults"]:
        cells = "".join(f"{figures['worst_adults'][rate]:>13.3%}" for rate in rates)
        click.echo(f"{'worst group of adults':42}{cells}")
    click.echo(f"{len(figures['skipped'])} pictures without a usable face; pictures and details in {out}/")


def _draw(groups: list[Group], out: Path) -> None:
    try:
        with extra("train", "the picture of the groups"):
            from matplotlib.figure import Figure
    except ExtraMissing as error:
        log.info("%s", error)
        return

    rates = list(groups[0].passing)
    axes = (figure := Figure((7, 1 + 0.32 * len(groups)), layout="constrained")).subplots()
    for rate in rates:
        shares = [max(group.passing[rate], 1e-6) for group in groups]
        axes.plot(shares, range(len(groups)), "o", label=f"1 in {1 / float(rate):,.0f}")
        axes.axvline(float(rate), color=axes.lines[-1].get_color(), alpha=0.4)
    axes.set(xscale="log", yticks=range(len(groups)), yticklabels=[group.name for group in groups])
    axes.set(xlabel="share of pairs of strangers that pass (lines: where they should lie)")
    axes.invert_yaxis()
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(out / "groups.png", dpi=120)


def _draw_worst(group: Group, listed: CropSet, out: Path) -> None:
    tiles = []
    for first, second, similarity in group.worst:
        tiles += [(listed.crops[row], f"{similarity:.2f} {Path(listed.refs[row]).stem}") for row in (first, second)]
    if tiles:
        save_picture(out / f"worst-{group.name.replace('/', '-')}.jpg", contact_sheet(tiles))

"""``niteru fit``: fit a model to one's own people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from niteru.engine.embedding.model_zoo import find_model
from niteru.scripts.common import crops_option, json_option, out_option, plain_errors, print_json, training_packages

if TYPE_CHECKING:
    from niteru.engine.training.embedding.gain import Report


@click.command("fit")
@click.argument("faces", type=click.Path(path_type=Path))
@click.option("--model", metavar="MODEL", help="Name or folder of the model to start from; the shipped one by default.")
@out_option("fitted", "the model and its report")
@crops_option
@json_option
@plain_errors
def command(faces: Path, model: str | None, out: Path, crops: bool, as_json: bool) -> None:
    """Fit a model to the people in your photos.

    FACES is a folder with one folder per person; at least ten people need four photos each. Fitting takes some minutes.
    Held-out photos and held-out people show whether it helps: the weights move only as far as it does, and not at all
    if it does not. The fitted model is written to OUT/model and its figures to OUT/report.json.

    \b
    Examples:
      niteru fit photos/
      niteru fit photos/ --model niteru-free --out mine
      niteru model use mine/model --gallery gallery
    """
    base = find_model(model)
    with training_packages():
        from niteru.engine.training.embedding.fitting import fit
    report = fit(faces, out, base, crops=crops)
    if as_json:
        print_json({"model": str(out / "model"), "better": report.better, "report": str(out / "report.json")})
    else:
        print_report(report, out)


def print_report(report: Report, out: Path) -> None:
    """Print the figures at each step from the old weights to the new ones, and what to do next."""
    click.echo(f"{'weights moved':>14}{'own photos':>14}{'their AUC':>14}{'unseen: AUC':>14}{'TAR at 1e-2':>14}")
    for gain in report.gains:
        mark = "  <" if gain.share == report.chosen else ""
        click.echo(
            f"{gain.share:14.0%}{gain.recall_at_1:14.4f}{gain.own_auc:14.4f}{gain.auc:14.4f}{gain.tar:14.4f}{mark}"
        )
    if report.better:
        click.echo(f"better on your people. Next: niteru model use {out / 'model'} --gallery GALLERY")
    else:
        click.echo(f"no better than the model it started from: keep that one ({out / 'model'} has the same weights)")

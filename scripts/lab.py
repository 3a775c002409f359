"""``niteru lab``: rerun early experiments in idol-face recognition."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.training.lab.index import EXPERIMENTS, place_of
from niteru.scripts.common import json_option, out_option, plain_errors, print_json, training_packages


@click.command("lab")
@click.argument("name", type=click.Choice([*EXPERIMENTS, "list", "report"]), metavar="NAME")
@click.argument("faces", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--quick", is_flag=True, help="Run only enough to show that it works; takes under a minute.")
@out_option("lab", "the findings")
@click.option(
    "--to",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write the report to; that of the findings by default.",
)
@json_option
@plain_errors
def command(name: str, faces: Path | None, quick: bool, out: Path, to: Path | None, as_json: bool) -> None:
    """Rerun early experiments in idol-face recognition.

    NAME is an experiment; `list` lists them all, and `report` writes experiments.md with the tables and pictures of
    those that were run. FACES is a folder with one folder per person; drawn people are used without it. An interrupted
    experiment goes on where it stopped when the command is run again.

    \b
    Examples:
      niteru lab list
      niteru lab few-shot-softmax --quick
      niteru lab forty-idols photos/
      niteru lab report
    """
    with training_packages():
        from niteru.engine.training.lab.index import run_experiment, story_of
        from niteru.engine.training.lab.report import write_report
    if name == "list":
        titles = {one: story_of(one).title for one in EXPERIMENTS}
        print_json(titles) if as_json else click.echo("\n".join(f"{one:18} {title}" for one, title in titles.items()))
    elif name == "report":
        file = write_report(out, to or out)
        print_json({"report": str(file)}) if as_json else click.echo(file)
    else:
        found = run_experiment(name, out, faces, quick=quick)
        print_json(found.to_dict()) if as_json else click.echo(
            found.markdown(str(out / place_of(name, faces, quick=quick)))
        )

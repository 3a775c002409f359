"""``niteru lab``: the experiments of the first idol-face builders, rerun and answered."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.training.lab.index import EXPERIMENTS, place_of
from niteru.scripts.common import json_option, plain_errors, print_json, training_wing

OUT = Path("lab")


@click.command("lab")
@click.argument("name", type=click.Choice([*EXPERIMENTS, "list", "report"]), metavar="NAME")
@click.argument("faces", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--quick", is_flag=True, help="Run only enough to show that it works; takes under a minute.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=OUT,
    show_default=True,
    help="Folder that the experiments run in.",
)
@click.option(
    "--to", type=click.Path(file_okay=False, path_type=Path), help="Folder to write the report to; OUT by default."
)
@json_option
@plain_errors
def command(name: str, faces: Path | None, quick: bool, out: Path, to: Path | None, as_json: bool) -> None:
    """Run the experiment NAME on drawn people, or on the people in FACES.

    An interrupted experiment goes on where it stopped. niteru lab list names the experiments; niteru lab report writes
    experiments.md, with the tables and pictures of those that were run.

    \b
    niteru lab list
    niteru lab few-shot-softmax --quick
    niteru lab forty-idols photos/
    niteru lab report
    """
    with training_wing():
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

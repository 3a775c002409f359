"""``niteru lab``: the experiments of the first idol-face builders, rerun and answered."""

from __future__ import annotations

from pathlib import Path

import click

from niteru.engine.training.lab.index import ROWS, place_of
from niteru.scripts.common import json_option, plain_errors, print_json, training_wing

OUT = Path("lab")


@click.command("lab")
@click.argument("name", type=click.Choice([*ROWS, "list", "report"]), metavar="NAME")
@click.argument("faces", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--quick", is_flag=True, help="Under a minute: only as much as shows that it runs.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=OUT, show_default=True)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="Where report writes; OUT if not said.")
@json_option
@plain_errors
def command(name: str, faces: Path | None, quick: bool, out: Path, to: Path | None, as_json: bool) -> None:
    """Run the experiment NAME on drawn people, or on the people in FACES; `list` names them, `report` tells of all.

    An interrupted experiment goes on where it stopped. `niteru lab report` writes experiments.md with the tables and
    pictures of what was run.

    \b
    niteru lab list
    niteru lab few-shot-softmax --quick
    niteru lab forty-idols photos/
    niteru lab report
    """
    with training_wing():
        from niteru.engine.training.lab.index import run_row, story_of
        from niteru.engine.training.lab.report import write_report
    if name == "list":
        titles = {row: story_of(row).title for row in ROWS}
        print_json(titles) if as_json else click.echo("\n".join(f"{row:18} {title}" for row, title in titles.items()))
    elif name == "report":
        file = write_report(out, to or out)
        print_json({"report": str(file)}) if as_json else click.echo(file)
    else:
        found = run_row(name, out, faces, quick=quick)
        print_json(found.to_dict()) if as_json else click.echo(
            found.markdown(str(out / place_of(name, faces, quick=quick)))
        )

"""From nothing to an answer in the container: ``python -m bench.container``, as root, on Linux; two minutes.

Carries out deploy/Dockerfile over a bare Debian, which debootstrap makes once: a minute more. Indexes drawn people in
the image, starts its service with a read-only root, asks, looks at its health, and ends it by SIGTERM. Whatever is not
as docs/installing.md says ends it with an error.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.container.root import StepFailed
from bench.container.trying import Tried, Wrong, try_it

NEEDED = {"debootstrap": "debootstrap", "unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures for programs.")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def main(as_json: bool, folder: Path | None) -> None:
    """Carry out deploy/Dockerfile, and use what comes of it; in FOLDER, if its mounts are this process's own."""
    if os.geteuid():
        sys.exit("the steps of a Dockerfile are carried out by root: sudo .venv/bin/python -m bench.container")
    for program, package in NEEDED.items():
        if not shutil.which(program):
            sys.exit(f"{program} is missing: apt-get install {package}")
    if folder is None:
        spaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        # Made and removed out here, where its mounts are not seen: nothing is removed through one of them.
        with TemporaryDirectory(prefix="niteru-container-") as aside:
            sys.exit(subprocess.call([*spaces, sys.executable, "-m", "bench.container", *sys.argv[1:], aside]))
    try:
        tried = try_it(folder)
    except (Wrong, StepFailed) as error:
        sys.exit(str(error))
    if as_json:
        click.echo(json.dumps(asdict(tried)))
    else:
        show(tried)


def show(tried: Tried) -> None:
    """Print a line for each instruction that did something, and what came of it."""
    for step in tried.steps:
        click.echo(f"{step.seconds:6.1f} s {step.added_mb:7.1f} MB  {step.text}")
    click.echo(
        f"bare Debian {tried.base_mb:.0f} MB, niteru's image {tried.image_mb:.0f} MB more\n"
        f"index {tried.index_s:.1f} s, healthy after {tried.healthy_s:.1f} s, ended by SIGTERM in {tried.end_s:.1f} s\n"
        f"from nothing to an answer: {tried.answer_s:.0f} s"
    )


if __name__ == "__main__":
    main()

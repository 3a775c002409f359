"""This tree's wheel beside the last release's: ``make bench-check``; some ten minutes.

Both are installed into environments of their own and do the same work on the same drawn people, in pairs, now one first
and now the other, after one pass that is not counted. What counts is core-seconds of a command and of all it starts:
other programs disturb them less than they disturb the clock. It ends with status 1 where the median of the pairs has
become more than a tenth dearer.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.left_behind import spent_by
from bench.release.failed import CheckFailed, run
from bench.release.installed import install
from niteru.engine.drawn import write_people

REPOSITORY = Path(__file__).resolve().parents[1]
LAST_RELEASE, REVISION = "0.1.0", "340e635"
"""The release that this tree is held against, and its revision."""
DEARER = 1.10
"""Ratio of core-seconds beyond which a work has become dearer."""
PEOPLE, PHOTOS, PAIRS = 50, 6, 5
"""People who are drawn, photos of each, and pairs of each work."""
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Compared:
    """One work, by the last release and by this tree.

    Attributes:
        work: its name.
        before, now: core-seconds, medians over the pairs.
        ratio: median of the pairs' ratios, now by before.
    """

    work: str
    before: float
    now: float
    ratio: float

    @property
    def dearer(self) -> bool:
        """Whether this tree takes too much more."""
        return self.ratio > DEARER


@dataclass(frozen=True, slots=True)
class Release:
    """An installed niteru, and a folder for what it makes.

    Attributes:
        niteru: path of the command.
        folder: where its gallery and its report go.
        photos: folder of the people.
    """

    niteru: Path
    folder: Path
    photos: Path

    def works(self) -> dict[str, Callable[[], float]]:
        """What is measured, in an order in which each finds what it needs."""
        photo = min(self.photos.glob("*/*.jpg"))
        return {
            "index": self._index,
            "question by id": lambda: self._core_seconds("similar", "face:1"),
            "question by photo": lambda: self._core_seconds("similar", str(photo)),
            "report": lambda: self._core_seconds("report", "--out", "report"),
        }

    def _index(self) -> float:
        shutil.rmtree(self.folder / "gallery", ignore_errors=True)
        return self._core_seconds("index", str(self.photos))

    def _core_seconds(self, *words: str) -> float:
        # Without the environment that runs this, as whoever installs it would run it.
        variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        return spent_by([str(self.niteru), *words, "--gallery", "gallery"], self.folder, variables).core


def compare(before: Release, now: Release, pairs: int) -> list[Compared]:
    """Let both do each work in turns."""
    found = []
    for work, then in before.works().items():
        today = now.works()[work]
        then(), today()
        spent = []
        for number in range(pairs):
            if number % 2:
                mine, theirs = today(), then()
            else:
                theirs, mine = then(), today()
            spent.append((theirs, mine))
        old, new = (statistics.median(side) for side in zip(*spent, strict=True))
        found.append(Compared(work, old, new, statistics.median(mine / theirs for theirs, mine in spent)))
    return found


def table(found: list[Compared]) -> str:
    """The comparison, as Markdown."""
    rows = [f"| core-seconds | {LAST_RELEASE} | now | now by {LAST_RELEASE} | |", "|---|---|---|---|---|"]
    for one in found:
        verdict = "**dearer**" if one.dearer else ""
        rows.append(f"| {one.work} | {one.before:.2f} | {one.now:.2f} | {one.ratio:.2f} | {verdict} |")
    return "\n".join(rows)


def installed(source: Path, photos: Path, folder: Path) -> Release:
    """Build the wheel of a source tree, and install it."""
    folder.mkdir()
    run([_BIN / "uv", "build", "--wheel", "--quiet", "--out-dir", folder / "wheel", source], source)
    binaries = install(next((folder / "wheel").glob("*.whl")), folder / "environment")
    return Release(binaries / "niteru", folder, photos)


def measure(people: int, photos: int, pairs: int) -> list[Compared]:
    """Draw people, install the last release and this tree, and compare them.

    Raises:
        CheckFailed: one of them cannot be installed, or a command fails.
    """
    with TemporaryDirectory(prefix="niteru-bench-") as name:
        folder = Path(name)
        drawn = folder / "photos"
        list(write_people(drawn, people, photos))
        before = installed(of_revision(REVISION, folder / "source"), drawn, folder / "before")
        return compare(before, installed(REPOSITORY, drawn, folder / "now"), pairs)


def of_revision(revision: str, folder: Path) -> Path:
    """Write the tree of a revision into a folder.

    Raises:
        CheckFailed: git does not have it.
    """
    folder.mkdir()
    run(["git", "archive", "--output", folder.with_suffix(".tar"), revision], REPOSITORY)
    subprocess.run(["tar", "-xf", folder.with_suffix(".tar"), "-C", folder], check=True)
    return folder


@click.command()
@click.option("--people", default=PEOPLE, show_default=True, help="People to draw.")
@click.option("--photos", default=PHOTOS, show_default=True, help="Photos of each.")
@click.option("--pairs", default=PAIRS, show_default=True, help="Pairs of each work.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures for programs.")
def main(people: int, photos: int, pairs: int, as_json: bool) -> None:
    """Hold this tree against the last release."""
    try:
        found = measure(people, photos, pairs)
    except CheckFailed as error:
        sys.exit(str(error))
    click.echo(json.dumps([asdict(one) for one in found]) if as_json else table(found))
    if dearer := [one.work for one in found if one.dearer]:
        sys.exit(f"more than a tenth dearer than {LAST_RELEASE}: {', '.join(dearer)}")


if __name__ == "__main__":
    main()

"""All that the experiments found, as one document with pictures."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

from niteru.engine.photos.faces_folder import FacesMissing
from niteru.engine.training.lab.findings import FILE, Findings, as_prose
from niteru.engine.training.lab.index import EXPERIMENTS, story_of

NAME = "experiments.md"
KEPT = "experiments"
"""Folder beside the page: what each run found, with its pictures."""
_MARK = re.compile(r"-[0-9a-f]{6}$")
"""What the path of a folder adds to the name of a run."""
HEAD = """# Experiments

niteru began in the notebooks of people who classified idol faces with what they had. Each of their systems is an
experiment here: what they did and saw, as they told it, what we see, and what helps. `niteru lab NAME` runs one,
`niteru lab list` names them, `niteru lab report` writes this page. Drawn people do not exist; where no seed is said
it is seed 1. Times are those of a machine that did other work besides: core-seconds say more.
"""


def write_report(folder: Path, to: Path) -> Path:
    """Write ``experiments.md`` and a folder of findings and pictures; of people who exist there are none but plots.

    What an earlier report told of runs that are not in ``folder`` is told again.

    Args:
        folder: where the experiments ran.
        to: where to write.

    Raises:
        FacesMissing: nothing was run yet.
    """
    kept = to / KEPT
    for file in sorted(folder.glob(f"*/{FILE}")):
        findings = Findings.load(file.parent)
        if not findings.quick:
            _keep(findings, file.parent, kept / _MARK.sub("", file.parent.name))
    found = sorted(((Findings.load(file.parent), file.parent) for file in kept.glob(f"*/{FILE}")), key=_order)
    if not found:
        raise FacesMissing(f"nothing was found in {folder} yet: niteru lab few-shot-softmax")
    chapters = [HEAD]
    for name, runs in itertools.groupby(found, lambda one: one[0].name):
        story = story_of(name)
        theirs = as_prose(f"*Theirs:* {story.theirs}")
        chapters.append(f"## {story.title}\n\n{theirs}\n")
        chapters += [findings.markdown(f"{KEPT}/{place.name}") for findings, place in runs]
        chapters.append(f"{story.answer}\n")
    (to / NAME).write_text("\n".join(chapters), encoding="utf-8")
    return to / NAME


def _keep(findings: Findings, place: Path, to: Path) -> None:
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    findings.save(to)
    for picture, _ in findings.pictures:
        shutil.copyfile(place / picture, to / picture)


def _order(one: tuple[Findings, Path]) -> tuple[int, str]:
    return list(EXPERIMENTS).index(one[0].name), one[1].name

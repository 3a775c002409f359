"""The report on all experiments, a page with pictures."""

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
"""Folder beside the page, for the findings and pictures of each run."""
_MARK = re.compile(r"-[0-9a-f]{6}$")
"""Hash of a folder's path in the name of a run."""
HEAD = """# Experiments

niteru began in the notebooks of people who classified idol faces with what they had. Each of their systems is an
experiment here: what they did and saw, as they reported it, what we see, and what helps. `niteru lab NAME` runs an
experiment, `niteru lab list` lists them all, and `niteru lab report` writes this page. Drawn people do not exist. The
seed is 1 unless another one is given. The machine did other work at the same time: core-seconds say more than minutes.
"""


def write_report(folder: Path, to: Path) -> Path:
    """Write ``experiments.md`` and a folder of findings and pictures; real people appear in none of them.

    Findings of an earlier report whose runs are not in ``folder`` are kept.

    Args:
        folder: folder in which the experiments ran.
        to: folder to write to.

    Raises:
        FacesMissing: no experiment has been run.
    """
    kept = to / KEPT
    for file in sorted(folder.glob(f"*/{FILE}")):
        findings = Findings.load(file.parent)
        if not findings.quick:
            _keep(findings, file.parent, kept / _MARK.sub("", file.parent.name))
    found = sorted(((Findings.load(file.parent), file.parent) for file in kept.glob(f"*/{FILE}")), key=_order)
    if not found:
        raise FacesMissing(f"{folder}: no experiment has been run there; begin with niteru lab few-shot-softmax")
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

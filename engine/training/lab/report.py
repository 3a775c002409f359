"""All that the experiments found, as one document with pictures."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from engine.faces_folder import FacesMissing
from engine.training.lab.findings import FILE, Findings
from engine.training.lab.index import ROWS, story_of

NAME = "experiments.md"
HEAD = """# Experiments

niteru began in the notebooks of people who classified idol faces with what they had. Each of their systems is a row
here that runs: what they did and saw, as they told it, what we see, and what helps. `niteru lab NAME` runs one,
`niteru lab list` names them, `niteru lab report` writes this page. Drawn people do not exist; figures are of one seed
where none is said.
"""


def write_report(folder: Path, to: Path) -> Path:
    """Write ``experiments.md`` and a folder of pictures; of people who exist there are none but plots.

    Args:
        folder: where the experiments ran.
        to: where to write.

    Raises:
        FacesMissing: nothing was run yet.
    """
    places = [place for place in sorted(folder.glob(f"*/{FILE}")) if not Findings.load(place.parent).quick]
    if not places:
        raise FacesMissing(f"nothing was found in {folder} yet: niteru lab few-shot-softmax")
    found = sorted(((Findings.load(place.parent), place.parent) for place in places), key=_order)
    pictures = to / "experiments"
    chapters = [HEAD]
    for name, runs in itertools.groupby(found, lambda one: one[0].name):
        story = story_of(name)
        chapters.append(f"## {story.title}\n\n*Theirs:* {story.theirs}\n")
        for findings, place in runs:
            shutil.rmtree(pictures / place.name, ignore_errors=True)
            for file, _ in findings.pictures:
                (pictures / place.name).mkdir(parents=True, exist_ok=True)
                shutil.copyfile(place / file, pictures / place.name / file)
            chapters.append(findings.markdown(f"experiments/{place.name}"))
        chapters.append(f"{story.answer}\n")
    to.mkdir(parents=True, exist_ok=True)
    (to / NAME).write_text("\n".join(chapters), encoding="utf-8")
    return to / NAME


def _order(one: tuple[Findings, Path]) -> tuple[int, str]:
    return list(ROWS).index(one[0].name), one[1].name

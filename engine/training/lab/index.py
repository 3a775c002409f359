"""The experiments by name, in the order of the report; each is imported when it is run."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import time
from pathlib import Path

from niteru.engine.failure import Failure
from niteru.engine.training.lab.findings import Findings, Story

EXPERIMENTS = {
    "few-shot-softmax": "few_shot",
    "rank-vote": "rank_vote",
    "forty-idols": "forty_idols",
    "fewer-parameters": "fewer_parameters",
    "small-pictures": "small_pictures",
    "three-networks": "three_networks",
    "pretraining": "pretraining",
    "loved-pictures": "loved_pictures",
    "interrupted": "interrupted",
}


class UnknownExperiment(Failure):
    """No experiment has that name."""


def story_of(name: str) -> Story:
    """Read the story of an experiment from the Markdown file beside it."""
    text = (Path(__file__).parent / "experiments" / f"{_module(name)}.md").read_text(encoding="utf-8")
    title, _, rest = text.removeprefix("# ").partition("\n")
    theirs, _, answer = rest.partition("\n---\n")
    return Story(title, theirs.strip(), answer.strip())


def run_experiment(name: str, folder: Path, faces: Path | None, *, quick: bool) -> Findings:
    """Run or resume an experiment, and write its findings into a folder of its own below ``folder``.

    Args:
        name: name of the experiment.
        folder: folder of all experiments.
        faces: folder of people; None for drawn people.
        quick: whether to run only as much as shows that it works.

    Raises:
        UnknownExperiment: there is no experiment of that name.
        FacesMissing: the folder has too few people or photos.
    """
    module = f"niteru.engine.training.lab.experiments.{_module(name)}"
    place = folder / place_of(name, faces, quick=quick)
    place.mkdir(parents=True, exist_ok=True)
    start, cores = time.time(), _core_seconds()
    from niteru.engine.training.lab.lab import Lab

    findings = Findings(name, quick=quick)
    importlib.import_module(module).run(Lab(place, faces, quick), findings)
    spent = [time.time() - start, _core_seconds() - cores]
    findings.seconds, findings.core_seconds = map(sum, zip(spent, _spent_before(place), strict=True))
    words = ["niteru lab", name, *(["FACES"] if faces else []), *(["--quick"] if quick else [])]
    findings.command = " ".join(words)
    findings.machine = f"{os.cpu_count()} cores, Python {sys.version_info.major}.{sys.version_info.minor}"
    findings.save(place)
    return findings


def place_of(name: str, faces: Path | None, *, quick: bool) -> str:
    """Name of the folder in which an experiment runs; other people are another run.

    Example:
        >>> place_of("rank-vote", None, quick=True)
        'rank-vote-quick'
    """
    who = [] if faces is None else [faces.resolve().name, hashlib.sha256(bytes(faces.resolve())).hexdigest()[:6]]
    return "-".join([name, *who, *(["quick"] if quick else [])])


def _spent_before(place: Path) -> tuple[float, float]:
    """Seconds and core-seconds that the same experiment took before it was resumed."""
    try:
        known = Findings.load(place)
        return known.seconds, known.core_seconds
    except (OSError, ValueError, TypeError):
        return 0.0, 0.0


def _module(name: str) -> str:
    if name not in EXPERIMENTS:
        raise UnknownExperiment(f"there is no experiment {name}: niteru lab list shows all of them")
    return EXPERIMENTS[name]


def _core_seconds() -> float:
    """Processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])

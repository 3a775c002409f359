"""Experiment: training on a machine that vanishes ten times."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from niteru.engine.training.lab.classifier import Classifier
from niteru.engine.training.lab.experiments.forty_idols import folded
from niteru.engine.training.lab.findings import Findings, Table
from niteru.engine.training.lab.lab import Lab, percent
from niteru.engine.training.lab.trial import THEIRS_96, Trial
from niteru.engine.training.loop import load_checkpoint

CASE = Trial(THEIRS_96, side=48, shift=8, distort=True, rate=1e-3, steps=400)
POINTS = 20
"""Number of checkpoints of a run."""
KILLS = 10
DATA = "data.npz"


def run(lab: Lab, findings: Findings) -> None:
    """Kill a training at random ten times, and compare its result with those of runs that were left alone."""
    people = lab.people(lab.amount(40, 8), lab.amount(24, 12))
    data = folded(people, 0)
    np.savez(lab.folder / DATA, *data)
    case, kills = replace(CASE, steps=lab.amount(CASE.steps, 40)), lab.amount(KILLS, 1)
    alone = [
        lab.train(f"alone {seed}", replace(case, seed=seed), data, points=POINTS)
        for seed in range(1, lab.amount(3, 1) + 1)
    ]
    where = lab.folder / "runs" / "killed"
    shutil.rmtree(where, ignore_errors=True)
    ends = killed(where, case, kills)
    Classifier(where, case, *data, points=POINTS).run()
    network = load_checkpoint(where)
    curve = [line.split(",") for line in (where / "curve.csv").read_text().splitlines()[1:]]
    assert alone[0].network is not None
    apart = max(
        float(np.abs(one - other).max())
        for one, other in zip(alone[0].network.get_weights(), network.get_weights(), strict=True)
    )
    findings.data = (
        f"{people}, a sixth for testing; {case.steps} steps, {POINTS} checkpoints; killed at steps {', '.join(ends)}."
    )
    rows = [[f"left alone, seed {seed}", percent(one.accuracy)] for seed, one in enumerate(alone, start=1)]
    rows.append([f"killed {len(ends)} times, seed 1", percent(float(curve[-1][-1]))])
    findings.tables.append(Table("Accuracy at the end", ["run", "test photos"], rows))
    findings.notes.append(
        f"The largest difference between a weight of the run that was killed and of seed 1 left alone: {apart:.2g}."
    )


def killed(folder: Path, case: Trial, times: int) -> list[str]:
    """Start and kill a training so many times; returns the step of the last checkpoint each time."""
    rng, ends = np.random.default_rng(7), list[str]()
    while len(ends) < times and _step(folder) < case.steps:
        process = subprocess.Popen([sys.executable, "-m", __name__, str(folder), str(case.steps)])
        reached = _step(folder)
        while process.poll() is None and _step(folder) == reached:
            time.sleep(0.1)  # until it has made progress
        time.sleep(float(rng.uniform(0, 1.5)))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            ends.append(f"{_step(folder)}")
        if process.wait() > 0:
            break  # it failed by itself: the run that follows shows why
    return ends


def _step(folder: Path) -> int:
    try:
        return int((folder / "curve.csv").read_text().splitlines()[-1].split(",")[1])
    except (OSError, IndexError, ValueError):
        return 0


def main() -> None:
    """Train in a process that is going to be killed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    folder, steps = Path(sys.argv[1]), int(sys.argv[2])
    with np.load(folder.parent.parent / DATA) as kept:
        data = tuple(kept[name] for name in sorted(kept.files))
    Classifier(folder, replace(CASE, steps=steps), *data, points=POINTS).run()  # type: ignore[arg-type]


if __name__ == "__main__":
    main()

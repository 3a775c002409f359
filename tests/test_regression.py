"""The bench that holds this tree against the last release, with commands whose cost is known."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.regression import Compared, Release, compare, table

SPENDING = """#!{python} -S
import sys, time
cost = {cost} if sys.argv[1] == "report" else 0.05
while time.process_time() < cost: pass
"""


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "Ada").mkdir(parents=True)
    (tmp_path / "photos" / "Ada" / "1.jpg").touch()
    return tmp_path / "photos"


def release(folder: Path, photos: Path, cost: float) -> Release:
    folder.mkdir()
    command = folder / "niteru"
    command.write_text(SPENDING.format(python=sys.executable, cost=cost))
    command.chmod(0o755)
    return Release(command, folder, photos)


def test_what_has_become_dearer_is_told_and_nothing_else(tmp_path: Path, photos: Path) -> None:
    found = compare(release(tmp_path / "before", photos, 0.1), release(tmp_path / "now", photos, 0.4), pairs=1)
    costs = {one.work: one for one in found}
    assert list(costs) == ["index", "question by id", "question by photo", "report"]
    assert costs["report"].dearer
    assert costs["report"].now - costs["report"].before == pytest.approx(0.3, abs=0.1)
    assert costs["index"].ratio < 2 < costs["report"].ratio


@pytest.mark.parametrize(("ratio", "dearer"), [(1.09, False), (1.11, True), (0.5, False)])
def test_a_tenth_is_allowed(ratio: float, dearer: bool) -> None:
    one = Compared("index", 1.0, ratio, ratio)
    assert one.dearer is dearer
    assert ("**dearer**" in table([one])) is dearer

"""What a release says of itself, in every place the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.release.failed import CheckFailed
from bench.release.versions import agreed, versions

ROOT = Path(__file__).parents[1]
PLACES = ("pyproject.toml", "CHANGES.md", "CITATION.cff")


def test_all_places_say_the_same_version() -> None:
    assert agreed(ROOT) in versions(ROOT).values()


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_says_another_is_named(place: str, tmp_path: Path) -> None:
    for name in PLACES:
        shutil.copy(ROOT / name, tmp_path)
    version = agreed(ROOT)
    file = tmp_path / place
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(version, "9.9.9"), encoding="utf-8")
    with pytest.raises(CheckFailed, match=rf"{place} says 9\.9\.9"):
        agreed(tmp_path)


def test_a_heading_without_its_link_is_told(tmp_path: Path) -> None:
    for name in PLACES:
        shutil.copy(ROOT / name, tmp_path)
    text = (tmp_path / "CHANGES.md").read_text(encoding="utf-8")
    (tmp_path / "CHANGES.md").write_text(text.replace(f"\n[{agreed(ROOT)}]: ", "\n"), encoding="utf-8")
    with pytest.raises(CheckFailed, match="no link"):
        agreed(tmp_path)

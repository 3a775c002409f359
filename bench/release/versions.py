"""The version of a release, which four places say; that of the HTTP interface is its own, and counts promises."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import niteru
from bench.release.failed import CheckFailed

_HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\] - (?P<date>\S+)$", re.MULTILINE)
UNRELEASED = "unreleased"


def versions(repository: Path) -> dict[str, str]:
    """The version that each place says, by the place's name."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = re.search(r"^version: (\S+)$", (repository / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    return {
        "pyproject.toml": project["version"],
        "niteru/__init__.py": niteru.__version__,
        "CHANGES.md": newest(repository)[0],
        "CITATION.cff": cited[1] if cited else "nothing",
    }


def newest(repository: Path) -> tuple[str, str]:
    """Version and date of the newest heading in CHANGES.md; the date may be :data:`UNRELEASED`.

    Raises:
        CheckFailed: there is no heading of a release, or no link for it at the end.
    """
    text = (repository / "CHANGES.md").read_text(encoding="utf-8")
    heading = _HEADING.search(text)
    if heading is None:
        raise CheckFailed("CHANGES.md has no heading such as ## [1.2.0] - 2026-12-31")
    if f"\n[{heading['version']}]: http" not in text:
        raise CheckFailed(f"CHANGES.md has no link for [{heading['version']}] at its end")
    return heading["version"], heading["date"]


def agreed(repository: Path) -> str:
    """The version that all places say.

    Raises:
        CheckFailed: they differ.
    """
    said = versions(repository)
    if len(set(said.values())) != 1:
        raise CheckFailed("the version differs: " + ", ".join(f"{place} says {one}" for place, one in said.items()))
    return said["pyproject.toml"]

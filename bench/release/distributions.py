"""Source and wheel as they are published: built, compared, and looked at as the package index will."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

from bench.release.failed import CheckFailed, run

_BIN = Path(sys.executable).parent
LICENCE_TEXTS = ("LICENSE", "LICENSES/*", "serve/*/fonts/LICENSE*")
"""Where the repository has the texts of licences."""


def build(repository: Path, folder: Path) -> tuple[Path, Path]:
    """Build the source distribution, and from that the wheel; the wheel of the repository itself must be the same.

    Args:
        repository: the checkout.
        folder: where they go.

    Returns:
        Paths of source and wheel.

    Raises:
        CheckFailed: they cannot be built, or the two wheels differ.
    """
    shutil.rmtree(
        repository / "build" / "lib", ignore_errors=True
    )  # setuptools would pack what a past build left there
    run([_BIN / "uv", "build", "--quiet", "--clear", "--out-dir", folder, repository], repository)
    run([_BIN / "uv", "build", "--quiet", "--clear", "--wheel", "--out-dir", folder / "direct", repository], repository)
    (source,), (wheel,), (direct,) = folder.glob("*.tar.gz"), folder.glob("*.whl"), folder.glob("direct/*.whl")
    if differing := differences(wheel, direct):
        raise CheckFailed(
            "the wheel made from the source distribution differs from the one made from the repository; MANIFEST.in "
            f"says what the former has: {', '.join(differing)}"
        )
    return source, wheel


def differences(one: Path, other: Path) -> list[str]:
    """Files that two wheels do not have both, or with other content; where a wheel lists its files is left out."""
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        mine, theirs = _checksums(first), _checksums(second)
    return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))


def check(repository: Path, source: Path, wheel: Path) -> None:
    """Check the metadata, the page that is made of it, the wheel's files, and the texts of licences in the wheel.

    Raises:
        CheckFailed: something is wrong.
    """
    run([_BIN / "twine", "check", "--strict", source, wheel], repository)
    run([_BIN / "check-wheel-contents", wheel], repository)
    if lacking := lacking_texts(repository, wheel):
        raise CheckFailed(f"{wheel.name} lacks {', '.join(lacking)}: see license-files in pyproject.toml")


def lacking_texts(repository: Path, wheel: Path) -> list[str]:
    """Texts of licences in the repository that a wheel does not have."""
    with zipfile.ZipFile(wheel) as archive:
        there = {name.partition(".dist-info/licenses/")[2] for name in archive.namelist()}
    texts = (file.relative_to(repository).as_posix() for place in LICENCE_TEXTS for file in repository.glob(place))
    return [text for text in texts if text not in there]


def _checksums(archive: zipfile.ZipFile) -> dict[str, int]:
    return {file.filename: file.CRC for file in archive.infolist() if not file.filename.endswith("/RECORD")}

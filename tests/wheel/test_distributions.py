"""Source and wheel as they are published; `make release-check` looks at the rest."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bench.release.distributions import build, differences, lacking_texts

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel_from_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by way of the source distribution, and compared with the repository's own."""
    return build(ROOT, tmp_path_factory.mktemp("published"))[1]


def test_a_wheel_has_the_text_of_every_licence(wheel_from_source: Path, tmp_path: Path) -> None:
    assert lacking_texts(ROOT, wheel_from_source) == []
    texts = {"LICENSE", "LICENSES/LicenseRef-niteru-models.txt", "serve/pictures/fonts/LICENSE-Noto.txt"}
    with zipfile.ZipFile(tmp_path / "bare.whl", "w") as bare:
        bare.writestr("niteru-1.dist-info/METADATA", "")
    assert texts < set(lacking_texts(ROOT, tmp_path / "bare.whl"))


def test_wheels_that_differ_are_told_apart(wheel_from_source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel_from_source) as whole, zipfile.ZipFile(tmp_path / "other.whl", "w") as other:
        for file in whole.infolist():
            if file.filename != "niteru/py.typed":
                changed = b"# changed\n" if file.filename == "niteru/gallery.py" else b""
                other.writestr(file.filename, whole.read(file) + changed)
    assert differences(wheel_from_source, wheel_from_source) == []
    assert differences(wheel_from_source, tmp_path / "other.whl") == ["niteru/gallery.py", "niteru/py.typed"]

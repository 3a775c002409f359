"""Thirty nights of ``deploy/nightly.sh``: a letter comes only when something happened, and names who and what."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from niteru.indexer.catalog.catalog import TOLD
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from support.command import NITERU
from support.drawn import DrawnFolder

DEPLOY = Path(__file__).parents[2] / "deploy"
NIGHTS = 30


class Nights:
    """A gallery that ``deploy/nightly.sh`` brings up to date, and the letters that come of it.

    Args:
        faces: folder of photos.
        work: folder for gallery and letters.
    """

    def __init__(self, faces: Path, work: Path) -> None:
        self._faces, self._work, self.letters = faces, work, work / "letters"
        self.letters.mkdir()
        self.number = 0

    def run(self, *more: str) -> tuple[int, list[str]]:
        """The status of the next night, and the lines of its letter, of which there may be none."""
        self.number += 1
        letter = self.letters / f"{self.number}"
        words = ["sh", DEPLOY / "nightly.sh", self._faces, "--crops", "--gallery", self._work / "gallery", *more]
        env = {"PATH": f"{Path(NITERU).parent}:/usr/bin:/bin", "MAIL": f"tee {letter}", "HOME": str(self._work)}
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        return done.returncode, letter.read_text(encoding="utf-8").splitlines() if letter.exists() else []


def test_thirty_nights(tmp_path: Path, faces: DrawnFolder) -> None:
    folder, nights = faces.folder, Nights(faces.folder, tmp_path)
    ada, bo, cy, di = (folder / name for name in faces.names[:4])

    def broken(content: bytes = b"no picture") -> None:
        (bo / "broken.jpg").write_bytes(content)

    days: dict[int, Callable[[], object]] = {
        3: lambda: ada.rename(folder / "Nora"),
        8: broken,
        11: lambda: broken(b"none either"),
        15: lambda: next(cy.iterdir()).unlink(),
        18: lambda: shutil.copy(di / f"{di.name}_0001.png", di / "another.png"),
        20: lambda: shutil.rmtree(cy),
        26: (bo / "broken.jpg").unlink,
    }
    letters: dict[int, list[str]] = {}
    for number in range(1, NIGHTS + 1):
        days.get(number, lambda: None)()
        agreed = ["--yes"] if number in (3, 23) else []  # the owner reads the letter of the 22nd, and agrees
        status, letter = nights.run(*agreed)
        assert status == (1 if 20 <= number <= 22 else 0), (number, letter)
        if letter:
            letters[number] = letter
    assert list(letters) == [1, 3, 8, 15, 18, 20, 21, 22, 23, 26]
    people = {number: letter[0].rpartition(": ")[2] for number, letter in letters.items()}
    assert (people[1], people[18], people[26]) == ("6 people, 18 faces", "6 people, 18 faces", "5 people, 16 faces")
    told = {number: letter[1:] for number, letter in letters.items()}
    assert told[1] == ["  photos that came: 18", *(f"  new: {name}, 3 photos" for name in sorted(faces.names))]
    assert told[3] == ["  photos that moved: 3", "  new: Nora, 3 photos", f"  gone: {ada.name}"]
    assert told[8] == [f"  cannot be used: {bo.name}/broken.jpg (unsupported-type)"]
    assert told[15] == ["  photos that went: 1", f"  {cy.name}: 1 photo fewer"]
    assert told[18] == ["  photos that came: 1", f"  {di.name}: 1 more photo"]
    assert letters[20] == letters[21] == letters[22], "a question stays until it is answered"
    assert cy.name in letters[20][0]
    assert told[23] == ["  photos that went: 2", f"  gone: {cy.name}"]
    assert told[26] == ["  photos that went: 1"]


def test_what_was_told_is_no_name_and_is_the_gallerys_own(tmp_path: Path, faces: DrawnFolder) -> None:
    unusable = faces.folder / faces.names[1] / "broken.jpg"
    unusable.write_bytes(b"no picture")
    ref = f"{faces.names[1]}/broken.jpg"
    assert update(tmp_path / "one", faces.folder, crops=True).newly_told == {ref: "unsupported-type"}
    assert update(tmp_path / "one", faces.folder, crops=True).newly_told == {}
    copy_gallery(tmp_path / "one", tmp_path / "two")
    told = [_told(tmp_path / name) for name in ("one", "two")]
    assert told[0] is not None
    assert faces.names[1] not in told[0]
    assert told[1] is None
    forget(tmp_path / "one", faces.names[1])
    assert _told(tmp_path / "one") is None
    assert update(tmp_path / "one", faces.folder, crops=True).newly_told == {}, "the forgotten are told of never again"


def _told(gallery: Path) -> str | None:
    with closing(Gallery(gallery)) as opened:
        return opened.catalog.queries.setting(TOLD)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    units = [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]
    assert {unit.name for unit in units} == {"niteru.service", "niteru-index.service", "niteru-index.timer"}
    for unit in units:
        text = re.sub(r"/opt/niteru/(bin/niteru|nightly\.sh)\b", "/bin/true", unit.read_text(encoding="utf-8"))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "niteru" in line]
    assert (done.returncode, said) == (0, []), done.stderr
    for name in ("niteru.service", "niteru-index.service"):
        exposure = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", tmp_path / name]
        judged = subprocess.run(exposure, capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stdout.splitlines()[-1:]

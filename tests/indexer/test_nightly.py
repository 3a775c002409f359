"""Thirty nights of ``niteru index --quiet``: a mail comes only when something happened, and names who and what."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from niteru.indexer.catalog.catalog import TOLD
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.scripts.cli import niteru as commands
from support.command import NITERU
from support.drawn import DrawnFolder

DEPLOY = Path(__file__).parents[2] / "deploy"
NIGHTS = 30


def night(gallery: Path, faces: Path, *more: str) -> Result:
    words = ["index", str(faces), "--crops", "--quiet", "--gallery", str(gallery), *more]
    return CliRunner().invoke(commands, words, catch_exceptions=False)


def test_thirty_nights(tmp_path: Path, faces: DrawnFolder) -> None:
    folder, gallery = faces.folder, tmp_path / "gallery"
    ada, bo, cy = (folder / name for name in faces.names[:3])

    def broken(content: bytes = b"no picture") -> None:
        (bo / "broken.jpg").write_bytes(content)

    days: dict[int, Callable[[], object]] = {
        3: lambda: ada.rename(folder / "Nora"),
        8: broken,
        11: lambda: broken(b"none either"),
        15: lambda: next(cy.iterdir()).unlink(),
        20: lambda: shutil.rmtree(cy),
        26: (bo / "broken.jpg").unlink,
    }
    mails: dict[int, str] = {}
    for number in range(1, NIGHTS + 1):
        days.get(number, lambda: None)()
        told = night(gallery, folder, *(["--yes"] if number == 3 else []))
        if told.output:
            mails[number] = told.output
        assert told.exit_code == (1 if 20 <= number <= 22 else 0), (number, told.output)
        if number == 22:  # the owner reads it, and agrees
            assert night(gallery, folder, "--yes").output.endswith(f"  gone: {cy.name}\n")
    assert list(mails) == [1, 3, 8, 15, 20, 21, 22, 26]
    assert mails[1].splitlines()[0].endswith("6 people, 18 faces")
    assert {f"  new: {name}" for name in faces.names} <= set(mails[1].splitlines())
    assert mails[3].splitlines()[1:] == ["  photos that moved: 3", "  new: Nora", f"  gone: {ada.name}"]
    assert mails[8].splitlines()[1:] == [f"  cannot be used: {bo.name}/broken.jpg (unsupported-type)"]
    assert mails[15].splitlines()[1:] == mails[26].splitlines()[1:] == ["  photos that went: 1"]
    assert cy.name in mails[20] == mails[21] == mails[22], "a question stays until it is answered"


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


def test_the_script_mails_what_was_said_and_keeps_the_status(tmp_path: Path, faces: DrawnFolder) -> None:
    letters = tmp_path / "letters"
    words = ["sh", DEPLOY / "nightly.sh", faces.folder, "--crops", "--gallery", tmp_path / "gallery"]
    env = {"PATH": f"{Path(NITERU).parent}:/usr/bin:/bin", "MAIL": f"tee -a {letters}", "HOME": str(tmp_path)}

    def run() -> tuple[int, str]:
        before = letters.read_text(encoding="utf-8") if letters.exists() else ""
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        after = letters.read_text(encoding="utf-8") if letters.exists() else ""
        return done.returncode, after.removeprefix(before)

    status, mail = run()
    assert status == 0
    assert f"new: {faces.names[0]}" in mail
    assert run() == (0, "")
    shutil.rmtree(faces.folder / faces.names[0])
    status, mail = run()
    assert status == 1
    assert faces.names[0] in mail


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_unit_and_its_timer(tmp_path: Path) -> None:
    for name in ("niteru-index.service", "niteru-index.timer"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/opt/niteru/nightly.sh", "/bin/true"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "niteru" in line]
    assert (done.returncode, said) == (0, []), done.stderr

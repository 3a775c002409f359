"""``niteru watch``: new photos are taken in when copying has settled, by the system's own word or by looking."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from niteru.indexer.gallery import Gallery
from niteru.indexer.update import watching
from niteru.indexer.update.enrol import update
from niteru.indexer.update.summary import Summary
from niteru.indexer.update.watching import Told, Watch
from support.command import NITERU, as_at_a_terminal, start
from support.drawn import DrawnFolder
from support.waiting import soon

pytest.importorskip("watchfiles")
SETTLED_S = 2.0


class Watched:
    """A running ``niteru watch``, and what it has said.

    Args:
        faces: folder of photos.
        work: folder for the gallery and what is said.
    """

    def __init__(self, faces: Path, work: Path) -> None:
        self.gallery, self._files = work / "gallery", (work / "said", work / "complained")
        words = [NITERU, "watch", str(faces), "--crops", "--settle", str(SETTLED_S), "--gallery", str(self.gallery)]
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self.process = subprocess.Popen(words, stdout=out, stderr=err, preexec_fn=as_at_a_terminal)

    def said(self) -> str:
        """Of runs."""
        return self._files[0].read_text(encoding="utf-8")

    def complained(self) -> str:
        """Of everything else."""
        return self._files[1].read_text(encoding="utf-8")


@pytest.fixture
def watched(tmp_path: Path, faces: DrawnFolder) -> Iterator[Watched]:
    running = Watched(faces.folder, tmp_path)
    assert soon(lambda: "6 people, 18 faces" in running.said()), running.complained()
    yield running
    running.process.kill()
    running.process.wait()


def test_whatever_happens_it_goes_on(watched: Watched, faces: DrawnFolder, tmp_path: Path) -> None:
    ada, bo = (faces.folder / name for name in faces.names[:2])
    new = faces.folder / "Nora"
    new.mkdir()
    for number, photo in enumerate(sorted(ada.iterdir())):  # slowly, as over a network
        shutil.copy(photo, new / f"{number}.png")
        time.sleep(SETTLED_S / 6)
    assert soon(lambda: "new: Nora, 3 photos" in watched.said()), watched.complained()
    assert watched.said().count("photos that came") == 2, "the first run, and one for the whole folder"

    bo.rename(tmp_path / "aside")
    assert soon(lambda: f"this would remove {bo.name}" in watched.complained()), watched.complained()
    assert f"run niteru index {faces.folder} --yes" in watched.complained()
    (tmp_path / "aside").rename(bo)

    with Gallery.writing(watched.gallery):  # as another run would
        (ada / "more.png").write_bytes((bo / f"{bo.name}_0001.png").read_bytes())
        assert soon(lambda: "another niteru is at work" in watched.complained()), watched.complained()
    assert soon(lambda: f"{ada.name}: 1 more photo" in watched.said()), watched.complained()

    faces.folder.rename(tmp_path / "unplugged")
    assert soon(lambda: "is not there: waiting for it" in watched.complained()), watched.complained()
    (tmp_path / "unplugged").rename(faces.folder)
    (ada / "again.png").write_bytes((bo / f"{bo.name}_0002.png").read_bytes())
    assert soon(lambda: watched.said().count(f"{ada.name}: 1 more photo") == 2), watched.complained()

    before = watched.complained()
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(20) == 0
    assert watched.complained() == before, "it ends quietly"


def test_a_service_beside_it_answers_with_the_new_photos(watched: Watched, faces: DrawnFolder, tmp_path: Path) -> None:
    service, address = start(watched.gallery, tmp_path / "log")

    def people() -> set[str]:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/people", timeout=5) as answer:
            return {one["person"] for one in json.load(answer)["people"]}
        return set()

    try:
        assert soon(lambda: people() == set(faces.names))
        shutil.copytree(faces.folder / faces.names[0], faces.folder / "Nora")
        assert soon(lambda: "Nora" in people()), watched.complained()
    finally:
        service.terminate()
        service.wait()
    watched.process.terminate()
    assert watched.process.wait(20) == 0


def test_where_nobody_tells_it_looks(tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_POLL_S", 0.2)
    monkeypatch.setattr(watching, "network_drive", lambda folder: "nfs4")
    gallery = faces.folder / "gallery"  # whose own changes do not count
    watch = Watch(faces.folder, gallery, partial(update, gallery, faces.folder, crops=True), 0.2)
    told: list[Told] = []
    follow = iter(watch.follow())
    told += [next(follow) for _ in range(3)]
    assert "network drive (nfs4)" in str(told[0])
    assert "looked at every" in str(told[1])
    assert isinstance(told[2], Summary)
    assert len(told[2].added) == 18
    shutil.copytree(faces.folder / faces.names[0], faces.folder / "Nora")
    more = next(follow)
    assert isinstance(more, Summary)
    assert more.people_changed.came == {"Nora": 3}
    threading.Timer(1.5, watch.stop.set).start()
    assert list(follow) == [], "the gallery's own files are no news"

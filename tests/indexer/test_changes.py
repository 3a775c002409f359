"""What has changed since a moment: who came, who went, who has more photos, and never who was forgotten."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import niteru
from niteru.indexer.ask.changes import BadMoment, Changes, Since, changes, changes_by_day
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.naming import name, say, take_back
from support.drawn import DrawnFolder


@pytest.fixture
def folder(tmp_path: Path, faces: DrawnFolder) -> Iterator[Path]:
    update(tmp_path / "gallery", faces.folder, crops=True)
    yield tmp_path / "gallery"
    assert niteru.Gallery(tmp_path / "gallery").verify().problems == []


def changed(gallery: Path, since: Since = None) -> Changes:
    """Without the times, which are never the same twice."""
    with closing(Gallery(gallery)) as opened:
        return replace(changes(opened.catalog.history, since), since=None, generation=None)


def names_in(gallery: Path, *names: str) -> list[str]:
    """Those names that a byte of the gallery's files still has."""
    data = b"".join(file.read_bytes() for file in gallery.rglob("*") if file.is_file())
    return [one for one in names if one.encode() in data]


def test_it_adds_up_what_photos_and_hands_changed(folder: Path, faces: DrawnFolder) -> None:
    ada, bo, cy, di, ed, flo = faces.names
    assert changed(folder) == Changes(None, came=dict.fromkeys(faces.names, 3)), "everybody, in the first one"
    assert update(folder, faces.folder, crops=True).people_changed.to_dict()["came"] == {}
    (faces.folder / ada).rename(faces.folder / "Nora")
    shutil.rmtree(faces.folder / bo)
    shutil.copy(faces.folder / cy / f"{cy}_0001.png", faces.folder / cy / "copy.png")
    (faces.folder / di / f"{di}_0001.png").unlink()
    run = Changes(None, came={"Nora": 3}, went=[ada, bo] if ada < bo else [bo, ada], more={cy: 1}, fewer={di: 1})
    assert replace(update(folder, faces.folder, crops=True).people_changed, since=None) == run
    assert changed(folder) == changed(folder, 1) == run
    say(folder, name([ed], "Robert"))
    by_hand = Changes(None, named={"Robert": 3}, renamed=[ed])
    assert changed(folder) == changed(folder, "2") == by_hand
    assert changed(folder, 1) == replace(run, named=by_hand.named, renamed=by_hand.renamed)
    say(folder, take_back())
    assert not changed(folder, 2), "there and back is no change"
    say(folder, name([flo], ed))
    assert changed(folder) == Changes(None, named={ed: 3}, renamed=[flo])
    with closing(Gallery(folder)) as opened:
        whole = changes(opened.catalog.history, 1)
        assert whole.generation == 1
        assert next(iter(changes_by_day(opened.catalog.history, 1).values())).came == {"Nora": 3}


def test_whoever_was_forgotten_is_in_no_change_and_no_byte(folder: Path, faces: DrawnFolder) -> None:
    ada, bo, cy, *others = faces.names
    (faces.folder / ada).rename(faces.folder / "Nora Whitcomb")
    (faces.folder / bo / "elsewhere.png").write_bytes((faces.folder / bo / f"{bo}_0001.png").read_bytes())
    update(folder, faces.folder, crops=True)
    say(folder, name([cy], "Robert Quayle"))
    assert names_in(folder, ada, "Nora Whitcomb", cy, "Robert Quayle") == [ada, "Nora Whitcomb", cy, "Robert Quayle"]
    assert forget(folder, "Nora Whitcomb").clean
    assert forget(folder, "Robert Quayle").clean
    assert names_in(folder, ada, "Nora Whitcomb", cy, "Robert Quayle") == []
    assert changed(folder, 1) == Changes(None, more={bo: 1}, forgotten=2)
    assert forget(folder, None, [f"{others[0]}/{others[0]}_0001.png"]).clean
    assert others[0] not in changed(folder, 1).fewer, "that would tell whose photo it was"
    assert changed(folder, 1).forgotten == 3


def test_whoever_went_with_the_folder_can_be_forgotten_all_the_same(folder: Path, faces: DrawnFolder) -> None:
    gone = faces.names[1]
    shutil.rmtree(faces.folder / gone)
    update(folder, faces.folder, crops=True)
    assert changed(folder).went == [gone]
    assert forget(folder, gone).clean
    assert names_in(folder, gone) == []
    assert changed(folder, 1) == Changes(None, forgotten=1)


def test_moments_are_dates_times_words_and_generations(folder: Path, faces: DrawnFolder) -> None:
    now = datetime.now().astimezone()
    everybody = Changes(None, came=dict.fromkeys(faces.names, 3))
    earlier = ("yesterday", "1999-12-31", now - timedelta(hours=1), now.date() - timedelta(days=2))
    assert all(changed(folder, since) == everybody for since in earlier)
    for since in ("1", 1, now + timedelta(days=1), (now + timedelta(days=1)).isoformat()):
        assert not changed(folder, since), since
    assert niteru.Gallery(folder).changes().came == everybody.came
    for since, said in (("7", "the last one is 1"), ("soon", "2026-11-30"), ("0001-01-01", "no moment")):
        with pytest.raises(BadMoment, match=said):
            changed(folder, since)


def test_a_copy_tells_the_same(folder: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    shutil.rmtree(faces.folder / faces.names[0])
    update(folder, faces.folder, crops=True)
    copy_gallery(folder, tmp_path / "copy")
    assert changed(tmp_path / "copy", "yesterday") == changed(folder, "yesterday")
    assert not changed(tmp_path / "copy", 1), "its own first generation has all that the copy has"


def test_a_gallery_of_an_older_niteru_begins_with_whom_it_has(folder: Path, faces: DrawnFolder) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as database:
        database.executescript("DROP TABLE history; PRAGMA user_version = 9;")
    update(folder, faces.folder, crops=True)
    found = changed(folder, "yesterday")
    assert not found
    assert found.begun
    shutil.rmtree(faces.folder / faces.names[0])
    update(folder, faces.folder, crops=True)
    assert changed(folder).went == [faces.names[0]]


def test_damage_to_the_history_is_no_news_of_people(folder: Path, faces: DrawnFolder) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as database, database:
        database.execute("DROP TRIGGER history_changed")
        database.execute("UPDATE history SET after = 1 WHERE id = 2")
    assert "1 of history" in str(update(folder, faces.folder, crops=True).mended)
    assert replace(changed(folder, "yesterday"), begun=None) == Changes(None)
    shutil.rmtree(faces.folder / faces.names[0])
    update(folder, faces.folder, crops=True)
    assert changed(folder).went == [faces.names[0]]

"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.work.write_atomically import write_atomically, written_aside


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "note.npz"
    file.write_text("old")
    return file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_old_file_stands_until_the_new_one_is_whole(file: Path) -> None:
    with write_atomically(file) as aside:
        aside.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert names(file.parent) == [file.name]


def test_it_ends_like_the_file_lies_beside_it_and_is_hidden(file: Path) -> None:
    with write_atomically(file) as aside:
        assert (aside.suffix, aside.parent, aside.name[0]) == (".npz", file.parent, ".")
        np.savez(aside, numbers=np.arange(3))  # adds an ending where it misses one
    assert np.load(file)["numbers"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_no_litter(failure: BaseException, file: Path) -> None:
    with pytest.raises(type(failure)), write_atomically(file) as aside:
        aside.write_text("ha")
        raise failure
    assert file.read_text() == "old"
    assert names(file.parent) == [file.name]


def test_a_failure_before_anything_is_written_is_told_as_it_is(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), write_atomically(file):
        _ = 1 / 0
    assert names(file.parent) == [file.name]


def test_a_killed_process_leaves_the_old_file_and_the_next_writer_cleans_up(file: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from niteru.engine.work.write_atomically import write_atomically
with write_atomically(Path(sys.argv[1])) as aside:
    aside.write_text("half of something that is longer than what comes after it")
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code, str(file)], check=False).returncode == 9
    assert file.read_text() == "old"
    with write_atomically(file) as aside:
        aside.write_text("new")
    assert file.read_text() == "new"
    assert names(file.parent) == [file.name]


def test_who_may_read_it_is_as_with_any_file_that_is_written(file: Path) -> None:
    (file.parent / "plain").touch()
    with write_atomically(file) as aside:
        aside.touch()
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE((file.parent / "plain").stat().st_mode)


def test_durable_means_content_before_name_and_name_before_return(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, str]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append((os.fstat(handle).st_ino, file.read_text())))
    with write_atomically(file, durable=True) as aside:
        aside.write_text("new")
        written = aside.stat().st_ino
    assert synced == [(written, "old"), (file.parent.stat().st_ino, "new")]


def test_nothing_is_synced_without_being_asked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: pytest.fail("the disk was made to wait"))
    with write_atomically(file) as aside:
        aside.write_text("new")


def test_a_folder_takes_the_place_of_another_whole(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "mine"
    for name in ("first", "second"):
        with written_aside(folder) as aside:
            (aside / name).touch()
    assert names(folder) == ["second"]
    with pytest.raises(OSError, match="disk full"), written_aside(folder) as aside:
        (aside / "third").touch()
        raise OSError("disk full")
    assert names(folder) == ["second"]
    assert names(folder.parent) == ["mine"]

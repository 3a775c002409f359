"""What the surroundings lack is said in a sentence, and what can go on does."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import niteru
from support.drawn import DrawnFolder, write_image


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk: Path, leave: int) -> None:
    with (disk / "filling").open("wb") as file:
        file.write(b"\0" * (shutil.disk_usage(disk).free - leave))


@pytest.mark.parametrize("leave", [0, 8192])
def test_a_gallery_on_a_full_disk_answers_and_does_not_grow(
    gallery, faces: DrawnFolder, disk: Path, tmp_path: Path, leave: int
) -> None:
    gallery.close()
    shutil.copytree(gallery.folder, disk / "g")
    fill(disk, leave)
    probe = faces.folder / faces.ref(0)
    asked = ("people",), ("similar", faces.ref(0)), ("verify",), ("report", "--out", tmp_path / "report")
    for command in asked:
        done = niteru(*command, "--gallery", disk / "g")
        assert done.returncode == 0, (command, done.stderr)
    assert niteru("copy", disk / "g", tmp_path / "copy").returncode == 0
    for number in range(40):
        shutil.copy(probe, faces.folder / faces.names[0] / f"more{number}.png")
    more = niteru("index", faces.folder, "--crops", "--gallery", disk / "g")
    assert more.returncode == 1
    assert "the disk is full" in more.stderr
    assert "Traceback" not in more.stderr
    (disk / "filling").unlink()
    assert niteru("index", faces.folder, "--crops", "--gallery", disk / "g").returncode == 0
    assert niteru("verify", "--gallery", disk / "g").returncode == 0


def test_no_usable_photo_of_many_is_a_failure(tmp_path: Path, faces: DrawnFolder) -> None:
    import numpy as np

    for number in range(3):
        write_image(tmp_path / "walls" / "Ada" / f"{number}.png", np.full((200, 200, 3), 90 + number, np.uint8))
    done = niteru("index", tmp_path / "walls", "--gallery", tmp_path / "g")
    assert done.returncode == 1
    assert "none of 3 photos could be used" in done.stderr
    assert "no-face" in done.stdout

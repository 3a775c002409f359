"""Full disks, missing and damaged files: the error is named, and the last good generation goes on serving."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.local.generation import VECTORS
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.storage.local.sealing import write_manifest
from niteru.indexer.update.enrol import update
from niteru.indexer.update.verifying import verify
from support.command import niteru
from support.drawn import DrawnFolder, write_image


@pytest.fixture
def folder(tmp_path: Path, faces: DrawnFolder) -> Path:
    """Gallery with two generations."""
    update(tmp_path / "gallery", faces.folder, crops=True)
    (faces.folder / faces.ref(0)).unlink()
    update(tmp_path / "gallery", faces.folder, crops=True)
    return tmp_path / "gallery"


def answers(folder: Path) -> list[str]:
    """People in the answer of a service that starts now."""
    live = LiveGallery(folder)
    gallery = live.open()
    face = gallery.queries.faces_of_person(gallery.queries.people()[0][1])[0]
    vector = gallery.vector(face.id)
    assert vector is not None
    found = ask(gallery, Question(vector, mode="all"))
    gallery.close()
    return [row.person for row in found.results]


def indexed_with_little_disk(folder: Path, faces: Path, most: int) -> subprocess.CompletedProcess:
    """Run ``niteru index`` with a limit on the size of files, which acts like a full disk."""

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    command = [str(Path(sys.executable).with_name("niteru")), "index", str(faces), "--crops", "--gallery", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, preexec_fn=little)


@pytest.mark.parametrize("most", [1_000, 10_000, 40_000, 120_000])
def test_a_full_disk_costs_nothing_that_was_there(
    folder: Path, faces: DrawnFolder, drawn_crops: dict[str, list[np.ndarray]], most: int
) -> None:
    before = answers(folder)
    crops = [crop for crops in drawn_crops.values() for crop in crops]
    for number in range(80):
        darker = (crops[number % 18] * (1 - number / 240)).astype(np.uint8)
        write_image(faces.folder / f"new{number % 20:02d}" / f"{number}.png", darker)
    full = indexed_with_little_disk(folder, faces.folder, most)
    assert full.returncode == 1, full.stderr
    assert "Traceback" not in full.stderr
    assert full.stderr.strip().splitlines()[-1].startswith("niteru: ")
    assert set(before) <= set(answers(folder))
    assert LocalGenerationStore(folder).current() == 2
    update(folder, faces.folder, crops=True)
    assert verify(folder).problems == []
    gallery = Gallery(folder)
    assert len(gallery.catalog.queries.people()) == 26
    gallery.close()


def missing(folder: Path) -> None:
    shutil.rmtree(folder)


def truncated(folder: Path) -> None:
    vectors = folder / VECTORS
    vectors.write_bytes(vectors.read_bytes()[: vectors.stat().st_size // 2])


def edited(folder: Path) -> None:
    manifest = LocalGenerationStore(folder.parents[1]).manifest(int(folder.name))
    manifest["sha256"]["rows.npy"] = "0" * 64
    write_manifest(folder, manifest)


def of_no_kind(folder: Path) -> None:
    manifest = LocalGenerationStore(folder.parents[1]).manifest(int(folder.name))
    write_manifest(folder, {**manifest, "kind": "magic"})


def changed_by_a_byte(folder: Path) -> None:
    file = folder / "manifest.json"
    file.write_bytes(file.read_bytes().replace(b'"faces": 1', b'"faces": 2', 1))


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def no_json(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def a_list(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


HARMS = (missing, truncated, edited, of_no_kind, changed_by_a_byte, without_manifest, no_json, a_list)


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_harmed_generation_is_named_and_the_one_before_serves(
    folder: Path, faces: DrawnFolder, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    harm(LocalGenerationStore(folder).folder_of(2))
    with pytest.raises(GenerationUnusable):
        LocalGenerationStore(folder).load()
    caplog.set_level("ERROR")
    assert len(answers(folder)) == 6
    assert "generation 2 refused, serving 1" in caplog.text
    assert verify(folder).problems
    update(folder, faces.folder, crops=True)
    assert verify(folder).problems == []
    assert LocalGenerationStore(folder).current() == 3


def test_a_pointer_to_nowhere_is_no_end(folder: Path, faces: DrawnFolder) -> None:
    (folder / "CURRENT").write_text("rubbish")
    newest = LocalGenerationStore(folder).published()[-1]
    assert niteru("similar", faces.ref(1), "--gallery", folder).returncode == 0, "the newest generation is taken"
    update(folder, faces.folder, crops=True)
    assert (folder / "CURRENT").read_text() == f"{newest}\n"
    assert verify(folder).problems == []

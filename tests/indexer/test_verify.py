"""Verification names what is wrong with a gallery and changes nothing; rollback brings a generation back."""

import json
import sqlite3
from pathlib import Path

import pytest

from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update.enrol import update
from niteru.indexer.update.verifying import verify
from support.command import niteru
from support.drawn import DrawnFolder


def test_a_sound_gallery_has_no_problem(gallery: Gallery) -> None:
    verdict = verify(gallery.folder)
    assert verdict.problems == []
    assert (verdict.generations, verdict.faces, verdict.embedded_again) == (1, 18, 18)


def test_every_damage_is_named(gallery: Gallery) -> None:
    folder = gallery.folder
    faces = sorted(gallery.catalog.queries.face_ids())
    Path(gallery.crops.path(faces[0])).unlink()
    Path(gallery.crops.path(faces[1])).write_bytes(Path(gallery.crops.path(faces[17])).read_bytes())
    with sqlite3.connect(folder / "catalog.sqlite") as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("DELETE FROM faces WHERE id = ?", (faces[2],))
        database.execute("UPDATE faces SET person_id = (SELECT max(id) FROM people) WHERE id = ?", (faces[3],))
        database.execute("UPDATE faces SET vector = (SELECT vector FROM faces WHERE id = ?) WHERE id = ?", faces[4:6])
    database.close()
    problems = "\n".join(verify(folder).problems)
    for face, what in (
        (faces[0], "lost their crop"),
        (faces[1], "have a damaged crop"),
        (faces[2], "not in the catalogue"),
        (faces[3], "somebody else"),
        (faces[5], "another vector"),
    ):
        assert any(what in line and f"({face})" in line for line in problems.splitlines()), (what, problems)
    index = folder / "generations" / "000001" / "vectors"
    index.write_bytes(index.read_bytes()[:-1])
    assert any("vectors is damaged" in line for line in verify(folder).problems)


def test_the_command_reports_problems_and_fails(gallery: Gallery) -> None:
    sound = niteru("verify", "--gallery", gallery.folder, "--json")
    assert sound.returncode == 0
    assert json.loads(sound.stdout)["ok"]
    Path(gallery.crops.path(min(gallery.catalog.queries.face_ids()))).unlink()
    broken = niteru("verify", "--gallery", gallery.folder)
    assert broken.returncode == 1
    assert "lost their crop" in broken.stdout


def test_a_lost_crop_is_cut_out_again(gallery: Gallery, faces: DrawnFolder) -> None:
    Path(gallery.crops.path(gallery.catalog.queries.faces_of_photo(faces.ref(0))[0].id)).unlink()
    summary = update(gallery.folder, faces.folder, crops=True)
    assert (summary.changed, summary.generation) == ([faces.ref(0)], 2)
    assert verify(gallery.folder).problems == []


def test_rollback_brings_the_generation_before_back(gallery: Gallery, faces: DrawnFolder) -> None:
    with pytest.raises(GenerationUnusable, match="no generation before"):
        LocalGenerationStore(gallery.folder).rollback()
    (faces.folder / faces.ref(0)).unlink()
    assert update(gallery.folder, faces.folder, crops=True).generation == 2
    done = niteru("rollback", "--gallery", gallery.folder, "--json")
    assert json.loads(done.stdout) == {"generation": 1}
    assert LocalGenerationStore(gallery.folder).load().number == 1
    # The catalogue is the truth: it is published anew, under a number that was not given yet.
    assert update(gallery.folder, faces.folder, crops=True).generation == 3
    assert verify(gallery.folder).problems == []


def test_rollback_refuses_a_damaged_generation(gallery: Gallery, faces: DrawnFolder) -> None:
    (faces.folder / faces.ref(0)).unlink()
    update(gallery.folder, faces.folder, crops=True)
    rows = gallery.folder / "generations" / "000001" / "rows.npy"
    rows.write_bytes(rows.read_bytes() + b"x")
    with pytest.raises(GenerationUnusable, match=r"rows\.npy is damaged"):
        LocalGenerationStore(gallery.folder).rollback()
    assert LocalGenerationStore(gallery.folder).current() == 2


def test_a_vector_by_another_model_is_no_damage(gallery: Gallery) -> None:
    """As a reader finds it while a gallery changes over to another model."""
    face = min(gallery.catalog.queries.face_ids())
    assert gallery.catalog.queries.vector(face, gallery.generation.model) is not None
    assert gallery.catalog.queries.vector(face, "another:0") is None

"""A generation in two parts answers as a whole one, shares the large files, and keeps nothing of the forgotten."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.generations.index import KINDS, FlatIndex
from niteru.indexer.generations.index.two_parts import TwoPartIndex
from niteru.indexer.storage.local import extension, generation_store
from niteru.indexer.storage.local.generation import FRESH, PLACES, VECTORS
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.naming import name, say
from niteru.indexer.update.rolling_back import roll_back
from niteru.indexer.update.summary import Summary
from niteru.indexer.update.verifying import verify
from support.drawn import DrawnFolder, write_image

Run = Callable[..., Summary]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gallery"


@pytest.fixture
def run(folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Enrol the folder; eighteen faces are as many here as twenty thousand elsewhere."""
    monkeypatch.setattr(extension, "LEAST_SEALED", 1)
    monkeypatch.setattr(extension, "MOST_CHANGED", 0.25)
    return lambda **options: update(folder, faces.folder, crops=True, **options)


@pytest.fixture
def new_photo(faces: DrawnFolder, drawn_crops: dict[str, list[np.ndarray]]) -> Callable[[int], Path]:
    """Put a mirrored photo of a person into their folder."""

    def write(who: int) -> Path:
        name = faces.names[who]
        file = faces.folder / name / "mirrored.png"
        write_image(file, np.ascontiguousarray(drawn_crops[name][0][:, ::-1]))
        return file

    return write


def parts(folder: Path, number: int) -> set[str]:
    return {file.name for file in LocalGenerationStore(folder).folder_of(number).iterdir()}


def vectors_file(folder: Path, number: int) -> Path:
    return LocalGenerationStore(folder).folder_of(number) / VECTORS


def assert_answers_as_if_whole(folder: Path) -> None:
    """Every face of the catalogue finds what comparing all of the catalogue's vectors finds."""
    with closing(Gallery(folder)) as gallery:
        queries, current = gallery.catalog.queries, gallery.generation
        ids, people = queries.labelled_faces(current.model)
        vectors = queries.vectors(ids)
        assert current.face_ids.tolist() == ids.tolist() and current.person_ids.tolist() == people.tolist()
        np.testing.assert_array_equal(current.vectors(ids), vectors)
        for row, vector in enumerate(vectors):
            for without in (None, int(people[row])):
                found = current.nearest(vector, 5, without)
                alike = np.where(people == without, -2, vectors @ vector)
                np.testing.assert_allclose(found.similarities, np.sort(alike)[::-1][:5], atol=1e-5)
                assert (current.vectors(found.face_ids) @ vector).tolist() == pytest.approx(found.similarities.tolist())
    assert verify(folder).problems == []


def test_both_parts_answer_as_one_index() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(3_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = rng.permutation(2_900)[:2_700]
    places = rng.permutation(np.concatenate([kept, np.arange(2_900, 3_000)]))
    index = TwoPartIndex(FlatIndex.build(vectors[:2_900]), FlatIndex.build(vectors[2_900:]), places)
    whole = FlatIndex.build(vectors[places])
    assert len(index) == 2_800 and index.has_leftovers
    for without in (0, 1, 40, 2_700, 2_795):
        rows = np.sort(rng.choice(2_800, without, replace=False))
        for one, other in zip(index.search(vectors[:20], 10, rows), whole.search(vectors[:20], 10, rows), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    np.testing.assert_array_equal(index.vectors(np.arange(2_800)), vectors[places])


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"annoy"}))
def test_new_photos_are_answered_beside_the_index_of_before(folder: Path, run: Run, new_photo, kind: str) -> None:
    assert run(kind=kind).generation == 1
    new_photo(0)
    assert run().generation == 2
    assert FRESH in parts(folder, 2) and FRESH not in parts(folder, 1)
    assert vectors_file(folder, 1).samefile(vectors_file(folder, 2)), "the large file is written once"
    assert_answers_as_if_whole(folder)
    new_photo(1)
    assert run().generation == 3
    assert vectors_file(folder, 1).samefile(vectors_file(folder, 3))
    assert_answers_as_if_whole(folder)
    assert run().generation == 3, "nothing has changed"


def test_what_is_gone_or_has_another_name_is_so_at_once(folder: Path, run: Run, faces: DrawnFolder) -> None:
    run()
    (faces.folder / faces.ref(2, 3)).unlink()
    assert run().generation == 2
    assert PLACES in parts(folder, 2) and FRESH not in parts(folder, 2)
    assert_answers_as_if_whole(folder)
    with closing(Gallery(folder)) as gallery:
        face = gallery.catalog.queries.faces_of_person(faces.names[0])[0].id
    say(folder, name([f"face:{face}"], faces.names[1]))
    assert PLACES in parts(folder, 3)
    assert_answers_as_if_whole(folder)


def test_many_changes_are_merged_into_a_whole_generation(folder: Path, run: Run, new_photo) -> None:
    run()
    for who in range(4):
        new_photo(who)
        run()
        assert PLACES in parts(folder, who + 2)
    new_photo(4)
    assert run().generation == 6
    assert PLACES not in parts(folder, 6)
    assert not vectors_file(folder, 5).samefile(vectors_file(folder, 6))
    assert_answers_as_if_whole(folder)


def test_nothing_is_left_of_somebody_forgotten_whose_photo_was_gone_before(
    folder: Path, run: Run, faces: DrawnFolder, new_photo
) -> None:
    run()
    with closing(Gallery(folder)) as gallery:
        queries, person = gallery.catalog.queries, faces.names[3]
        secrets = [face.vector.tobytes() for face in queries.vectors_of_photos({faces.ref(3, n) for n in (1, 2, 3)})]
    (faces.folder / faces.ref(3, 1)).unlink()
    new_photo(3)
    run()
    with closing(Gallery(folder)) as gallery:
        assert gallery.generation.has_leftovers
        new = gallery.catalog.queries.vectors_of_photos({f"{person}/mirrored.png"})
        secrets += [face.vector.tobytes() for face in new]
    assert len(secrets) == 4 and all(secrets)
    assert forget(folder, person).clean
    left = [file for file in folder.rglob("*") if file.is_file() and any(one in file.read_bytes() for one in secrets)]
    assert left == []
    assert_answers_as_if_whole(folder)


def test_a_forgetting_of_nobody_in_the_index_still_leaves_no_vector_in_it(
    folder: Path, run: Run, faces: DrawnFolder
) -> None:
    """All photos of somebody are gone from the folder, and from the catalogue; the sealed part still has them."""
    run()
    with closing(Gallery(folder)) as gallery:
        found = gallery.catalog.queries.vectors_of_photos({faces.ref(4, n) for n in (1, 2, 3)})
    secrets = [face.vector.tobytes() for face in found]
    shutil.rmtree(faces.folder / faces.names[4])
    run()
    assert any(one in vectors_file(folder, 2).read_bytes() for one in secrets)
    assert forget(folder, faces.names[4]).clean
    assert not any(one in file.read_bytes() for file in folder.rglob("*") if file.is_file() for one in secrets)


def test_a_damaged_sealed_part_is_published_anew(folder: Path, run: Run, new_photo) -> None:
    run()
    new_photo(0)
    run()
    file = vectors_file(folder, 2)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(GenerationUnusable, match="vectors is damaged"):
        LocalGenerationStore(folder).load()
    new_photo(1)
    run()
    assert PLACES not in parts(folder, LocalGenerationStore(folder).current() or 0)
    assert_answers_as_if_whole(folder)


def test_a_catalogue_of_before_takes_nothing_from_a_later_generation(folder: Path, run: Run, new_photo) -> None:
    """The ids of its next faces are those of other photos in the generation."""
    run()
    with sqlite3.connect(folder / "catalog.sqlite") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    kept = (folder / "catalog.sqlite").read_bytes()
    photo = new_photo(0)
    run()
    photo.unlink()
    for part in folder.glob("catalog.sqlite*"):
        part.unlink()
    (folder / "catalog.sqlite").write_bytes(kept)
    new_photo(1)
    assert run().generation == 3
    assert PLACES not in parts(folder, 3)
    assert_answers_as_if_whole(folder)


def test_going_back_and_on_again(folder: Path, run: Run, new_photo) -> None:
    run()
    new_photo(0)
    run()
    assert roll_back(folder) == 1
    assert LocalGenerationStore(folder).load().faces == 18
    assert run().generation == 3
    assert_answers_as_if_whole(folder)


@pytest.mark.parametrize("step", ["link", "write_vectors", "sync"])
def test_a_crash_while_extending_leaves_the_last_generation(
    folder: Path, run: Run, new_photo, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    run()
    new_photo(0)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(generation_store, step, killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert LocalGenerationStore(folder).load().faces == 18
    assert run().added == []
    assert_answers_as_if_whole(folder)

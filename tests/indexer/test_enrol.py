"""Keeping a gallery up to date: what is new, changed, gone or unusable."""

import json
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from bench.hostile_pictures import HOSTILE
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.photos.decoding.apart import Decoders
from niteru.engine.photos.faces_folder import FacesMissing
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.generation import GenerationUnusable
from niteru.indexer.storage.address import GalleryBusy
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.storage.local.lock import gallery_lock
from niteru.indexer.update import enrolment, reading
from niteru.indexer.update.enrol import update
from niteru.indexer.update.plan import OtherPhotos
from niteru.indexer.update.summary import Summary
from niteru.indexer.update.verifying import verify
from support.drawn import DrawnFolder, write_image


@pytest.fixture
def run(tmp_path: Path, faces: DrawnFolder):
    return lambda **options: update(tmp_path / "gallery", faces.folder, crops=True, **options)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many faces each call embedded, the canary's aside."""
    calls: list[int] = []
    embed = Embedder.embed

    def counting(self, crops):
        if not any(np.array_equal(crops[0], crop) for crop in reference_crops()[0]):
            calls.append(len(crops))
        return embed(self, crops)

    monkeypatch.setattr(Embedder, "embed", counting)
    return calls


def numbers(summary: Summary) -> tuple[int, int, int, int]:
    counts = summary.to_dict()
    return counts["added"], counts["changed"], counts["removed"], counts["unchanged"]


def test_a_second_run_does_nothing(run, embedded) -> None:
    first = run()
    assert numbers(first) == (18, 0, 0, 0)
    assert (first.faces, first.people, first.generation) == (18, 6, 1)
    assert sum(embedded) == 18
    second = run()
    assert numbers(second) == (0, 0, 0, 18)
    assert second.generation == 1
    assert sum(embedded) == 18


def test_one_new_photo_is_one_face_to_embed(run, faces, embedded, drawn_crops) -> None:
    run()
    embedded.clear()
    name = faces.names[2]
    write_image(faces.folder / name / "new.png", np.ascontiguousarray(drawn_crops[name][0][:, ::-1]))
    summary = run()
    assert numbers(summary) == (1, 0, 0, 18)
    assert sum(embedded) == 1
    assert (summary.faces, summary.generation) == (19, 2)


def test_removed_photos_and_people_are_dropped(run, faces, tmp_path) -> None:
    run()
    (faces.folder / faces.ref(0)).unlink()
    for photo in (faces.folder / faces.names[1]).iterdir():
        photo.unlink()
    summary = run()
    assert numbers(summary) == (0, 0, 4, 14)
    assert (summary.faces, summary.people) == (14, 5)
    gallery = Gallery(tmp_path / "gallery")
    assert gallery.resolve(faces.ref(0)) is None
    assert faces.names[1] not in [name for _, name, _ in gallery.catalog.queries.people()]
    assert len(list((tmp_path / "gallery" / "crops").rglob("*.jpg"))) == 14
    gallery.close()


def test_changed_bytes_are_embedded_again(run, faces, embedded, drawn_crops) -> None:
    run()
    embedded.clear()
    write_image(faces.folder / faces.ref(0), drawn_crops[faces.names[3]][1])
    assert numbers(run()) == (0, 1, 0, 17)
    assert sum(embedded) == 1


def test_a_photo_under_another_name_is_known_by_its_bytes(run, faces, embedded, tmp_path) -> None:
    first = run()
    photos = {ref: faces.folder / ref for ref in (faces.ref(0), faces.ref(5))}
    (renamed, old), (copied, original) = photos.items()
    old.rename(old.with_name("renamed.png"))
    other = faces.names[3]
    (faces.folder / other / "copy.png").write_bytes(original.read_bytes())
    before = Gallery(tmp_path / "gallery")
    face = before.catalog.queries.faces_of_photo(renamed)[0].id
    before.close()
    again = run()
    assert numbers(again) == (1, 0, 0, 17)
    assert again.moved == [str(Path(renamed).with_name("renamed.png"))]
    assert sum(embedded) == first.faces  # not one more
    gallery = Gallery(tmp_path / "gallery")
    catalog = gallery.catalog
    assert [row.id for row in catalog.queries.faces_of_photo(again.moved[0])] == [face]
    assert not catalog.queries.faces_of_photo(renamed)
    source, copy = (catalog.queries.faces_of_photo(ref)[0] for ref in (copied, f"{other}/copy.png"))
    assert (source.person, copy.person) == (Path(copied).parent.name, other)
    assert np.array_equal(gallery.vector(source.id), gallery.vector(copy.id))
    assert np.array_equal(gallery.crop(copy.id), gallery.crop(source.id))
    gallery.close()


def test_a_photo_in_another_persons_folder_becomes_theirs(run, faces, embedded, tmp_path) -> None:
    run()
    moved = faces.folder / faces.names[3] / "found.png"
    (faces.folder / faces.ref(0)).rename(moved)
    summary = run()
    assert (summary.moved, summary.generation) == ([f"{faces.names[3]}/found.png"], 2)
    assert sum(embedded) == 18
    gallery = Gallery(tmp_path / "gallery")
    row = gallery.catalog.queries.faces_of_photo(summary.moved[0])[0]
    position = gallery.generation.face_ids.tolist().index(row.id)
    assert row.person == faces.names[3]
    assert gallery.generation.person_ids[position] == row.person_id
    gallery.close()


def test_renamed_folders_are_not_another_gallerys_photos(run, faces, embedded) -> None:
    run()
    for name in faces.names:
        (faces.folder / name).rename(faces.folder / f"{name} (2026)")
    summary = run()
    assert (len(summary.moved), summary.people, sum(embedded)) == (18, 6, 18)
    assert numbers(run()) == (0, 0, 0, 18)


def test_unusable_files_are_named_and_the_run_goes_on(run, faces) -> None:
    person = faces.folder / faces.names[0]
    (person / "empty.jpg").write_bytes(b"")
    (person / "note.jpg").write_text("not a picture")
    (person / "half.png").write_bytes((faces.folder / faces.ref(0)).read_bytes()[:3000])
    (person / "clip.mp4").write_bytes(b"\0\0\0 ftypisom")
    (person / "gone.jpg").symlink_to("nowhere.jpg")
    write_image(person / "dot.png", np.zeros((4, 4, 3), np.uint8))
    write_image(faces.folder / "stray.png", np.zeros((112, 112, 3), np.uint8))
    (faces.folder / "pairs.txt").write_text("1 1\n")
    summary = run()
    reasons = {Path(row["photo"]).name: row["reason"] for row in summary.to_dict()["skipped"]}
    expected = {
        "empty.jpg": "empty-file",
        "note.jpg": "unsupported-type",
        "half.png": "corrupt-image",
        "clip.mp4": "unsupported-type",
        "gone.jpg": "unreadable",
        "dot.png": "too-few-pixels",
    }
    assert reasons == expected
    assert numbers(summary) == (19, 0, 0, 0), "and the stray picture is nobody's"
    again = run()
    assert numbers(again) == (0, 0, 0, 19)
    assert {Path(photo).name: why for photo, why in again.skipped.items()} == expected


def test_a_dry_run_reports_and_changes_nothing(run, faces, tmp_path) -> None:
    assert numbers(run(dry=True)) == (18, 0, 0, 0)
    assert not (tmp_path / "gallery").exists()
    run()
    (faces.folder / faces.ref(0)).unlink()
    before = (tmp_path / "gallery" / "CURRENT").read_text()
    assert numbers(run(dry=True)) == (0, 0, 1, 17)
    assert (tmp_path / "gallery" / "CURRENT").read_text() == before
    assert numbers(run()) == (0, 0, 1, 17)


def test_an_interrupted_run_goes_on(run, tmp_path, monkeypatch, embedded) -> None:
    monkeypatch.setattr(enrolment, "BATCH", 4)
    commit = enrolment.Enrolment._commit
    left = iter(range(2))

    def cut_off(self, batch):
        if next(left, None) is None:
            raise KeyboardInterrupt
        commit(self, batch)

    monkeypatch.setattr(enrolment.Enrolment, "_commit", cut_off)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert LocalGenerationStore(tmp_path / "gallery").current() is None
    monkeypatch.setattr(enrolment.Enrolment, "_commit", commit)
    summary = run()
    assert numbers(summary) == (10, 0, 0, 8)
    assert (summary.faces, summary.generation) == (18, 1)
    assert sum(embedded) == 18 + 4, "the one batch that was cut off is embedded twice"


def test_a_folder_without_photos_is_refused_with_advice(tmp_path, run, faces) -> None:
    (tmp_path / "bare").mkdir()
    for folder in (tmp_path / "nowhere", tmp_path / "bare"):
        with pytest.raises(FacesMissing, match="one folder for each person"):
            update(tmp_path / "gallery", folder, crops=True)
    run()
    write_image(tmp_path / "other" / "somebody" / "1.png", np.zeros((112, 112, 3), np.uint8))
    with pytest.raises(OtherPhotos, match="another GALLERY"):
        update(tmp_path / "gallery", tmp_path / "other", crops=True)


def test_a_table_of_photos_instead_of_folders(tmp_path, faces) -> None:
    table = tmp_path / "people.csv"
    rows = [f"faces/{faces.ref(0)},First", f"faces/{faces.ref(1)},Second"]
    table.write_text("\n".join(["path,person", *rows]) + "\n", encoding="utf-8")
    summary = update(tmp_path / "gallery", table, crops=True)
    assert (summary.faces, summary.people) == (2, 2)
    table.write_text("file,name\n")
    with pytest.raises(FacesMissing, match="path and person"):
        update(tmp_path / "gallery", table, crops=True)


def test_only_one_run_at_a_time(run, tmp_path) -> None:
    (tmp_path / "gallery").mkdir()
    with gallery_lock(tmp_path / "gallery"), pytest.raises(GalleryBusy):
        run()
    run()


def test_a_newer_catalogue_is_refused(gallery: Gallery) -> None:
    file = gallery.folder / "catalog.sqlite"
    gallery.close()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE of_tomorrow (id INTEGER PRIMARY KEY)")
        database.execute("PRAGMA user_version = 99")
    database.close()
    for readonly in (True, False):
        with pytest.raises(CatalogError, match="newer niteru"):
            Catalog(file, readonly=readonly)


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="niteru index"):
        Catalog(tmp_path / "catalog.sqlite", readonly=True)
    (tmp_path / "catalog.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(CatalogError):
        Catalog(tmp_path / "catalog.sqlite")


def test_a_damaged_generation_is_refused_and_published_anew(gallery: Gallery, run) -> None:
    folder = gallery.folder / "generations" / "000001"
    index = folder / "vectors"
    whole = index.read_bytes()
    index.write_bytes(whole[:-4] + b"\0\0\0\1")
    with pytest.raises(GenerationUnusable, match="damaged"):
        LocalGenerationStore(gallery.folder).load()
    assert run().generation == 2
    assert LocalGenerationStore(gallery.folder).load().number == 2
    (gallery.folder / "CURRENT").write_text("7\n")
    with pytest.raises(GenerationUnusable):
        LocalGenerationStore(gallery.folder).load()


def test_a_crash_while_building_leaves_the_last_generation(gallery: Gallery, run, faces, monkeypatch) -> None:
    def crash(*_):
        raise OSError("disk full")

    (faces.folder / faces.ref(0)).unlink()
    monkeypatch.setattr(LocalGenerationStore, "_point_to", crash)
    with pytest.raises(OSError, match="disk full"):
        run()
    assert LocalGenerationStore(gallery.folder).load().number == 1
    monkeypatch.undo()
    (gallery.folder / "generations" / "000009.building").mkdir()
    assert run().generation == 3
    assert not list((gallery.folder / "generations").glob("*.building"))


def test_three_generations_are_kept(run, faces, tmp_path) -> None:
    for photo in range(1, 4):
        run()
        (faces.folder / faces.ref(0, photo)).unlink()
    run()
    kept = sorted(path.name for path in (tmp_path / "gallery" / "generations").iterdir())
    assert kept == ["000002", "000003", "000004"]
    manifest = json.loads((tmp_path / "gallery" / "generations" / "000004" / "manifest.json").read_text())
    assert manifest["faces"] == 15
    assert manifest["people"] == 5


def test_rewritten_files_with_the_same_bytes_cost_nothing(run, faces, embedded, gallery: Gallery) -> None:
    before = gallery.catalog.queries.face_ids()
    for photo in faces.folder.rglob("*.png"):
        os.utime(photo, (1, 1))
    embedded.clear()
    summary = run()
    assert numbers(summary) == (0, 0, 0, 18)
    assert (summary.generation, embedded) == (1, [])
    catalog = Catalog(gallery.folder / "catalog.sqlite", readonly=True)
    assert catalog.queries.face_ids() == before
    assert {state.mtime_ns for state in catalog.queries.photos().values()} == {1_000_000_000}
    catalog.close()


def test_a_momentary_disk_failure_costs_no_face(run, faces, monkeypatch) -> None:
    run()
    os.utime(faces.folder / faces.ref(0), (1, 1))

    def fail(path: Path) -> bytes:
        raise OSError("input/output error")

    monkeypatch.setattr(reading, "read_bytes", fail)
    summary = run()
    assert summary.faces == 18
    assert summary.skipped == {faces.ref(0): "unreadable"}
    monkeypatch.undo()
    healed = run()
    assert (healed.faces, healed.skipped) == (18, {})
    assert numbers(healed) == (0, 0, 0, 18)


def test_a_photo_that_breaks_a_library_does_not_end_the_run(run, faces, monkeypatch, caplog) -> None:
    extract = reading.extract
    calls = iter([True])

    def break_once(picture, detector):
        if next(calls, False):
            raise RuntimeError("a library's bug")
        return extract(picture, detector)

    monkeypatch.setattr(reading, "extract", break_once)
    summary = run()
    assert list(summary.skipped.values()) == ["failed"]
    assert summary.faces == 17
    assert "a library's bug" in caplog.text


def test_hostile_pictures_cost_only_themselves(run, faces, monkeypatch) -> None:
    person = faces.folder / faces.names[0]
    (person / "scans.jpg").write_bytes(HOSTILE["jpeg, 13,000 scans"]())
    (person / "slow.jpg").write_bytes(HOSTILE["jpeg, 174 million pixels"]())
    hasty = Decoders(seconds=0.1)
    monkeypatch.setattr(reading, "process_decoders", lambda: hasty)
    summary = run()
    hasty.close()
    assert {photo.split("/")[-1]: reason for photo, reason in summary.skipped.items()} == {
        "scans.jpg": "too-complex",
        "slow.jpg": "too-complex",
    }
    assert summary.faces == 18


def test_pipes_huge_files_and_undecodable_names_are_skipped(run, faces) -> None:
    person = faces.folder / faces.names[0]
    os.mkfifo(person / "pipe.jpg")
    with (person / "film.mkv").open("wb") as film:
        film.truncate(4 * 2**30)
    (Path(os.fsdecode(os.fsencode(person) + b"/caf\xe9.png"))).write_bytes(b"x")
    summary = run()
    reasons = {photo.split("/")[-1]: reason for photo, reason in summary.skipped.items()}
    assert reasons == {"pipe.jpg": "unreadable", "film.mkv": "too-large", "caf\\udce9.png": "bad-name"}
    assert summary.faces == 18


def test_links_to_folders_are_followed_and_loops_are_not(run, faces, tmp_path) -> None:
    (faces.folder / faces.names[0]).rename(tmp_path / "elsewhere")
    (faces.folder / faces.names[0]).symlink_to(tmp_path / "elsewhere")
    (faces.folder / faces.names[1] / "loop").symlink_to(faces.folder)
    assert numbers(run()) == (18, 0, 0, 0)


def test_a_gallery_among_the_photos_does_not_enrol_itself(faces) -> None:
    for _ in range(3):
        summary = update(faces.folder / "gallery", faces.folder, crops=True)
        assert (summary.faces, summary.people) == (18, 6)


def test_a_table_that_gives_a_photo_to_two_people_is_refused(tmp_path, faces) -> None:
    table = tmp_path / "people.csv"
    ref = f"faces/{faces.ref(0)}"
    table.write_text(f"path,person\n{ref},Ann\n./{ref},Ann\n{ref}, \n", encoding="utf-8")
    assert update(tmp_path / "gallery", table, crops=True).faces == 1
    table.write_text(f"path,person\n{ref},Ann\n{ref},Bob\n", encoding="utf-8")
    with pytest.raises(FacesMissing, match="both Ann and Bob"):
        update(tmp_path / "gallery", table, crops=True)
    table.write_bytes(b"path,person\nx.jpg,Andr\xe9\n")
    with pytest.raises(FacesMissing, match="UTF-8"):
        update(tmp_path / "gallery", table, crops=True)


def test_an_emptied_gallery_keeps_no_face_on_disk(run, faces, tmp_path) -> None:
    run()
    photos = {photo: photo.read_bytes() for photo in faces.folder.rglob("*.png")}
    for photo in photos:
        photo.write_bytes(b"no picture any more")
    summary = run()
    assert (summary.faces, summary.generation) == (0, None)
    left = [path.name for path in (tmp_path / "gallery").rglob("*") if path.is_file()]
    assert not [name for name in left if name.endswith((".jpg", ".faiss"))]
    for photo, data in photos.items():
        photo.write_bytes(data)
    assert run().generation == 2  # a service may still hold the first one


def test_an_interrupted_change_of_model_goes_on(run, tmp_path, embedded) -> None:
    run()
    with sqlite3.connect(tmp_path / "gallery" / "catalog.sqlite") as database:
        database.execute("UPDATE faces SET model = 'older' WHERE id <= 7")
    database.close()
    embedded.clear()
    summary = run()
    assert numbers(summary) == (0, 7, 0, 11)
    assert sum(embedded) == 7
    assert summary.faces == 18


def test_a_gallery_in_a_read_only_folder_can_be_asked(gallery: Gallery) -> None:
    folder = gallery.folder
    gallery.close()
    for file in folder.glob("catalog.sqlite-*"):
        file.unlink()
    file = folder / "catalog.sqlite"
    connect = sqlite3.connect

    def no_shared_memory(address, **options):
        if "mode=ro" in str(address) and "immutable" not in str(address):
            address = "file:/nowhere/at/all?mode=ro"
        return connect(address, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", no_shared_memory)
        catalog = Catalog(file, readonly=True)
        assert catalog.queries.counts()["faces"] == 18
        catalog.close()


def test_crops_and_photographs_do_not_mix(run, faces, tmp_path) -> None:
    run()
    with pytest.raises(OtherPhotos, match="indexed with CROPS=1"):
        update(tmp_path / "gallery", faces.folder, crops=False)
    assert numbers(run()) == (0, 0, 0, 18)


@pytest.mark.parametrize("content", ["", "junk", None])
def test_a_lost_pointer_is_found_again(run, tmp_path, content) -> None:
    """A full disk or a tool that syncs leaves it empty: the newest generation goes on, and the next run mends it."""
    run()
    pointer = tmp_path / "gallery" / "CURRENT"
    pointer.unlink() if content is None else pointer.write_text(content)
    assert LocalGenerationStore(tmp_path / "gallery").current() == 1
    (problem,) = verify(tmp_path / "gallery").problems
    assert "CURRENT" in problem
    run()
    assert pointer.read_text() == "1\n"
    assert verify(tmp_path / "gallery").problems == []

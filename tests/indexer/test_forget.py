"""Forgetting leaves nothing, says so truthfully, and lasts."""

import json
import os
import pty
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.photos.person_name import BadName
from niteru.indexer.ask.not_found import ImageNotFound, PersonNotFound
from niteru.indexer.catalog import connection
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.index.recall import RecallTooLow
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update import forgetting, publishing
from niteru.indexer.update.adding import add
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.plan import OtherPhotos
from niteru.indexer.update.receipt import Receipt
from niteru.indexer.update.verifying import verify
from support.command import NITERU, niteru
from support.drawn import DrawnFolder, write_image


@pytest.fixture
def folder(tmp_path: Path, faces: DrawnFolder) -> Path:
    """A gallery in its third generation, held open by nobody."""
    folder = tmp_path / "gallery"
    for _ in range(3):
        update(folder, faces.folder, crops=True)
        (faces.folder / faces.ref(5, 3)).write_bytes((faces.folder / faces.ref(5, 2)).read_bytes() + b" ")
        (faces.folder / faces.ref(5, 2)).write_bytes((faces.folder / faces.ref(5, 2)).read_bytes() + b" ")
    return folder


def secrets_of(folder: Path, person: str) -> list[bytes]:
    """Every vector and crop of a person, as bytes."""
    gallery = Gallery(folder)
    rows = gallery.catalog.queries.faces_of_person(person)
    refs = {row.photo for row in rows}
    vectors = [face.vector.tobytes() for face in gallery.catalog.queries.vectors_of_photos(refs)]
    crops = [Path(gallery.crops.path(row.id)).read_bytes() for row in rows]
    gallery.close()
    return vectors + crops


def files_with(folder: Path, secrets: list[bytes]) -> set[str]:
    return {
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(secret in file.read_bytes() for secret in secrets)
    }


def forget_until(step: str, folder: Path, person: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget somebody, and die where this step would begin."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(forgetting, step, killed)
        with pytest.raises(KeyboardInterrupt):
            forget(folder, person)


def test_no_byte_of_a_vector_or_crop_is_left_in_the_gallery(folder: Path, faces: DrawnFolder) -> None:
    person = faces.names[1]
    secrets = secrets_of(folder, person)
    assert {"catalog.sqlite", "generations/000003/vectors"} <= files_with(folder, secrets)
    receipt = forget(folder, person)
    assert files_with(folder, secrets) == set()
    assert person.encode() not in (folder / "catalog.sqlite").read_bytes()
    assert receipt.clean
    assert (receipt.faces, receipt.questions, receipt.answered, receipt.traces) == (3, 3, 0, [])
    assert LocalGenerationStore(folder).published() == [receipt.generation]
    assert receipt.generations_removed == [1, 2, 3]
    assert receipt.still_in_faces == [str(faces.folder / faces.ref(1, number)) for number in (1, 2, 3)]
    assert verify(folder).problems == []


def test_of_a_thousand_faces_one_person_goes_without_a_trace(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(1000):
        who = f"P{number // 10:03d}"
        write_image(tmp_path / "faces" / who / f"{number}.jpg", rng.integers(0, 255, (112, 112, 3), dtype=np.uint8))
    folder = tmp_path / "gallery"
    assert update(folder, tmp_path / "faces", crops=True).faces == 1000
    secrets = secrets_of(folder, "P042")
    assert len(secrets) == 20
    assert len(files_with(folder, secrets)) == 13, "the catalogue, the vectors, the sample of strangers and ten crops"
    receipt = forget(folder, "P042")
    assert receipt.clean
    assert receipt.questions == 10
    assert files_with(folder, secrets) == set()
    gallery = Gallery(folder)
    assert gallery.catalog.queries.counts()["faces"] == 990
    gallery.close()


def test_the_forgotten_stay_out_under_any_name(folder: Path, faces: DrawnFolder) -> None:
    person = faces.names[1]
    forget(folder, person)
    again = update(folder, faces.folder, crops=True)
    assert set(again.skipped.values()) == {"forgotten"}
    assert again.added == []
    assert again.people == 5
    (faces.folder / faces.ref(1)).rename(faces.folder / faces.ref(0).replace("_0001", "_0009"))
    (faces.folder / person / "new.png").write_bytes((faces.folder / faces.ref(2)).read_bytes())
    renamed = update(folder, faces.folder, crops=True)
    assert renamed.added == []
    assert len(renamed.skipped) == 4


def test_adding_lifts_the_suppression(folder: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    person = faces.names[1]
    forget(folder, person)
    assert add(folder, person, [faces.folder / faces.ref(1)]).people == 6
    again = update(folder, faces.folder, crops=True)
    assert again.added == [faces.ref(1)], "the other photos were forgotten by their bytes"


def test_photos_with_the_same_bytes_go_together_and_the_person_stays(folder: Path, faces: DrawnFolder) -> None:
    copy = faces.ref(2).replace("_0001", "_0009")
    (faces.folder / copy).write_bytes((faces.folder / faces.ref(1)).read_bytes())
    update(folder, faces.folder, crops=True)
    receipt = forget(folder, photos=[faces.ref(1)])
    assert sorted(receipt.photos) == sorted([faces.ref(1), copy])
    assert receipt.person is None
    assert update(folder, faces.folder, crops=True).people == 6


def test_the_last_person_leaves_an_empty_gallery(tmp_path: Path, faces: DrawnFolder) -> None:
    folder = tmp_path / "small"
    add(folder, "Ada", [faces.folder / faces.ref(0)])
    assert forget(folder, "Ada").generation is None
    assert LocalGenerationStore(folder).current() is None


def test_the_next_run_completes_an_interrupted_forgetting(
    folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = secrets_of(folder, faces.names[1])
    forget_until("publish_faces", folder, faces.names[1], monkeypatch)
    assert files_with(folder, secrets)
    update(folder, faces.folder, crops=True)
    assert files_with(folder, secrets) == set()


def test_a_reader_that_blocks_the_erasure_is_named_and_nothing_is_lost(
    folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)
    secrets = secrets_of(folder, faces.names[1])
    reader = Gallery(folder)
    reader.catalog.queries.counts()
    try:
        receipt = forget(folder, faces.names[1])
    finally:
        reader.close()
    assert not receipt.clean
    assert any("another process is reading" in one and "forget --finish" in one for one in receipt.unfinished)
    assert any("forget --finish" in problem for problem in verify(folder).problems)
    assert forget(folder).clean
    assert files_with(folder, secrets) == set()
    assert verify(folder).problems == []


def test_nobody_is_forgotten_by_mistake(folder: Path, faces: DrawnFolder) -> None:
    with pytest.raises(PersonNotFound, match=f"did you mean .*{faces.names[1]}"):
        forget(folder, faces.names[1] + "x")
    with pytest.raises(ImageNotFound, match="no photo"):
        forget(folder, photos=["x/y.jpg"])
    assert niteru("forget", "--gallery", folder).returncode == 2


def test_the_receipt_of_the_command_holds_no_vector(folder: Path, faces: DrawnFolder) -> None:
    done = niteru("forget", faces.names[1], "--gallery", folder, "--json")
    assert done.returncode == 0, done.stderr
    receipt = json.loads(done.stdout)
    assert receipt["clean"] is True
    assert receipt.keys() == {"clean", *Receipt.__slots__}


def test_photos_added_by_hand_stay_and_are_not_added_twice(folder: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    picture = tmp_path / "elsewhere" / "portrait.png"
    write_image(picture, np.full((112, 112, 3), 90, np.uint8))
    first = add(folder, "Ada", [picture]).added
    assert first[0].startswith("Ada/portrait-")
    assert add(folder, "Ada", [picture]).added == []
    write_image(picture, np.full((112, 112, 3), 190, np.uint8))
    second = add(folder, "Ada", [picture]).added
    assert second[0].startswith("Ada/portrait-")
    after = update(folder, faces.folder, crops=True)
    assert after.removed == []
    assert after.people == 7
    with pytest.raises(BadName):
        add(folder, "a/b", [picture])


def test_an_older_catalogue_is_brought_up_to_date(folder: Path, faces: DrawnFolder) -> None:
    with sqlite3.connect(folder / "catalog.sqlite") as database:
        seals = database.execute(
            "SELECT type, name FROM sqlite_master WHERE name LIKE '%_unsealed' OR type = 'trigger'"
        )
        database.executescript("".join(f"DROP {kind} {name};" for kind, name in seals.fetchall()))
        for table in ("meta", "people", "photos", "faces", "events"):
            database.execute(f"ALTER TABLE {table} DROP COLUMN seal")
        database.executescript(
            "DROP TABLE photo_columns; DROP TABLE verdicts; DROP TABLE renamings; DROP INDEX photos_content;"
            "DROP TABLE claims; DROP TABLE names_read; DROP TABLE picture_dates; DROP TABLE facts;"
            "DROP TABLE history; DROP TABLE touched; DROP TABLE undated;"
            "DROP INDEX faces_photo; CREATE INDEX faces_photo ON faces (photo_id);"
            "ALTER TABLE people DROP COLUMN album;"
        )
        later = "DROP TABLE wishes; ALTER TABLE photos DROP COLUMN added; ALTER TABLE faces DROP COLUMN second;"
        database.executescript(f"{later} PRAGMA user_version = 1;")
    database.close()
    assert forget(folder, faces.names[0]).clean


def test_unlabelled_faces_of_the_forgotten_go_too(
    folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(folder / "catalog.sqlite") as database:
        theirs = "SELECT f.id FROM faces f JOIN people n ON n.id = f.person_id WHERE n.name = ? LIMIT 1"
        stranger, other = (database.execute(theirs, (faces.names[i],)).fetchone()[0] for i in (0, 1))
        database.execute(
            "UPDATE faces SET person_id = NULL, vector = (SELECT vector FROM faces WHERE id = ?) WHERE id = ?",
            (other, stranger),
        )
    database.close()
    receipt = forget(folder, faces.names[1])
    assert receipt.elsewhere >= 1
    gallery = Gallery(folder)
    assert stranger not in gallery.catalog.queries.face_ids()
    gallery.close()


def test_erasing_is_done_once(folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(folder, faces.names[1])
    gallery = Gallery(folder, readonly=False)
    monkeypatch.setattr(gallery.catalog, "scrub", lambda: pytest.fail("nothing is left to be erased"))
    publishing.erase(gallery)
    gallery.close()


def test_forgetting_again_completes_an_interrupted_forgetting(
    folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = secrets_of(folder, faces.names[1])
    forget_until("erase", folder, faces.names[1], monkeypatch)
    assert files_with(folder, secrets)
    assert forget(folder, faces.names[1]).clean
    assert files_with(folder, secrets) == set()
    with pytest.raises(PersonNotFound):
        forget(folder, faces.names[1])


def test_an_index_that_cannot_be_built_keeps_nothing_of_the_forgotten(
    folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = secrets_of(folder, faces.names[1])

    def refuse(*_: object) -> float:
        raise RecallTooLow("not good enough")

    monkeypatch.setattr("niteru.indexer.storage.local.generation_store.tune", refuse)
    assert forget(folder, faces.names[1]).clean
    assert LocalGenerationStore(folder).load().index.kind == "flat"
    assert files_with(folder, secrets) == set()

    def full(*_: object) -> int:
        raise OSError("disk full")

    secrets = secrets_of(folder, faces.names[2])
    monkeypatch.setattr(LocalGenerationStore, "publish", full)
    receipt = forget(folder, faces.names[2])
    assert not receipt.clean
    assert any("disk full" in one for one in receipt.unfinished)
    assert files_with(folder, secrets) == set()


def test_half_built_generations_are_erased_too(folder: Path, faces: DrawnFolder) -> None:
    secrets = secrets_of(folder, faces.names[1])
    half = folder / "generations" / "000009.building"
    half.mkdir()
    (half / "index").write_bytes(b"".join(secrets))
    assert forget(folder, faces.names[1]).clean
    assert not half.exists()


def test_faces_by_another_model_are_embedded_again_before_publication(
    folder: Path, faces: DrawnFolder, tmp_path: Path
) -> None:
    picture = tmp_path / "elsewhere" / "portrait.png"
    write_image(picture, np.full((112, 112, 3), 90, np.uint8))
    add(folder, "Ada", [picture])
    for publish in (
        lambda: update(folder, faces.folder, crops=True),
        lambda: forget(folder, faces.names[5]),
        lambda: add(folder, "Bo", [faces.folder / faces.ref(0)]),
    ):
        with sqlite3.connect(folder / "catalog.sqlite") as database:
            database.execute("UPDATE faces SET model = 'niteru-v0:old', vector = zeroblob(64)")
        database.close()
        assert any("have no vector by" in problem for problem in verify(folder).problems)
        publish()
        assert verify(folder).problems == []
        gallery = Gallery(folder)
        assert len(gallery.generation.face_ids) == gallery.catalog.queries.counts()["faces"]
        gallery.close()


def test_a_photo_added_by_hand_stays_when_faces_loses_it(folder: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    ref = faces.ref(0)
    add(folder, faces.names[0], [faces.folder / ref])
    (faces.folder / ref).unlink()
    assert len(update(folder, faces.folder, crops=True).removed) == 1
    gallery = Gallery(folder)
    assert len(gallery.catalog.queries.faces_of_person(faces.names[0])) == 3
    gallery.close()
    write_image(tmp_path / "other" / "x" / "1.png", np.full((112, 112, 3), 30, np.uint8))
    with pytest.raises(OtherPhotos):
        update(folder, tmp_path / "other", crops=True)


def test_adding_an_unusable_file_lifts_no_suppression(folder: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    forget(folder, faces.names[1])
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    add(folder, faces.names[1], [bad])
    assert update(folder, faces.folder, crops=True).people == 5


def test_a_wrong_name_is_refused_after_an_interruption_too(
    folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_until("erase", folder, faces.names[1], monkeypatch)
    with pytest.raises(PersonNotFound):
        forget(folder, faces.names[2] + "x")


def test_a_name_is_more_than_its_bytes(tmp_path: Path, faces: DrawnFolder) -> None:
    """All spellings are forgotten, those too that an older niteru took for people of their own."""
    folder = tmp_path / "gallery"
    update(folder, faces.folder, crops=True)
    with sqlite3.connect(folder / "catalog.sqlite") as database:
        for old, new in ((faces.names[3], "Jos\u00e9"), (faces.names[4], "jose\u0301 ")):
            database.execute("UPDATE people SET name = ? WHERE name = ?", (new, old))
    database.close()
    receipt = forget(folder, " JOSE\u0301")
    assert receipt.clean
    assert receipt.faces == 6
    with closing(Gallery(folder)) as gallery:
        assert [name for _, name, _ in gallery.catalog.queries.people()] == sorted(
            faces.names[number] for number in (0, 1, 2, 5)
        )
    for spelling in ("jos\u00e9", "Jose\u0301 ", "JOS\u00c9"):
        write_image(faces.folder / spelling / "new.png", np.full((112, 112, 3), 90, np.uint8))
        assert update(folder, faces.folder, crops=True).skipped[f"{spelling}/new.png"] == "forgotten"


def test_a_photo_is_found_by_its_path_however_its_accents_are_spelled(tmp_path: Path, faces: DrawnFolder) -> None:
    write_image(faces.folder / "Ana" / "e\u0301te\u0301.png", np.full((112, 112, 3), 90, np.uint8))
    update(tmp_path / "gallery", faces.folder, crops=True)
    assert forget(tmp_path / "gallery", photos=["Ana/\u00e9t\u00e9.png"]).photos == ["Ana/e\u0301te\u0301.png"]


def test_crops_on_another_disk_are_searched_too(folder: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    (folder / "crops").rename(tmp_path / "disk")
    (folder / "crops").symlink_to(tmp_path / "disk", target_is_directory=True)
    (tmp_path / "disk" / "circle").symlink_to(tmp_path / "disk", target_is_directory=True)
    (tmp_path / "disk" / "kept.bin").write_bytes(b"".join(secrets_of(folder, faces.names[1])))
    receipt = forget(folder, faces.names[1])
    assert receipt.traces == ["crops/kept.bin"]
    assert not receipt.clean


def test_crops_that_nobody_knows_are_named(folder: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gallery, "sweep_crops", lambda _: None)
    receipt = forget(folder, faces.names[1])
    assert not receipt.clean
    assert any("crops of" in one for one in receipt.unfinished)
    monkeypatch.undo()
    with Gallery.writing(folder) as gallery:
        gallery.sweep_crops()
    assert forget(folder).clean


def test_crops_prepared_for_evaluation_go_too(
    folder: Path, faces: DrawnFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NITERU_CACHE", str(tmp_path / "cache"))
    prepare(faces.folder, crops=True)
    assert list((tmp_path / "cache").rglob("crops.npy"))
    assert forget(folder, faces.names[1]).clean
    assert not list((tmp_path / "cache").rglob("crops.npy"))


def test_who_else_loses_photos_is_told_before_and_after(tmp_path: Path, faces: DrawnFolder) -> None:
    folder, (one, two, three) = tmp_path / "gallery", faces.names[:3]
    shared = (faces.folder / faces.ref(0)).read_bytes()
    (faces.folder / two / "shared.jpg").write_bytes(shared)
    for photo in (faces.folder / three).iterdir():
        photo.unlink()
    (faces.folder / three / "shared.jpg").write_bytes(shared)
    update(folder, faces.folder, crops=True)
    kept = len([*(faces.folder / two).iterdir()]) - 1
    assert forgetting.lost_by_others(folder, one) == {two: kept, three: 0}
    assert forgetting.lost_by_others(folder, photos=[faces.ref(4)]) == {}, "whoever is on a photo that is named"
    assert forgetting.lost_by_others(folder, photos=[faces.ref(0)]) == {two: kept, three: 0}
    terminal, ours = pty.openpty()
    os.write(terminal, b"n\n")
    asked = subprocess.run([NITERU, "forget", one, "--gallery", folder], stdin=ours, capture_output=True, text=True)
    os.close(terminal)
    os.close(ours)
    assert f"Others lose photos with them: {two} keeps {kept}, {three} keeps none." in asked.stderr
    assert "nothing was forgotten" in asked.stderr
    done = niteru("forget", one, "--gallery", folder)
    assert f"Others lost photos with them: {two} keeps {kept}, {three} keeps none." in done.stdout
    with closing(Gallery(folder)) as gallery:
        assert three not in {name for _, name, _ in gallery.catalog.queries.people()}
    assert forget(folder, two).others == {}

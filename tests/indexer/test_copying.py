"""A gallery copied from one storage backend into another."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from support.command import niteru
from support.drawn import DrawnFolder

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.address import BackendUnavailable
from niteru.indexer.storage.milvus.mirror import Mirror
from niteru.indexer.update.copying import CopyDiffers, copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify
from support.backends import answers


def test_a_copy_there_and_back_is_the_same(tmp_path: Path, lite: str, faces: DrawnFolder) -> None:
    first, last = str(tmp_path / "first"), str(tmp_path / "last")
    update(first, faces.folder, crops=True)
    forget(first, faces.names[0])
    there = copy_gallery(first, lite)
    back = copy_gallery(lite, last)
    assert (there.faces, back.faces, there.questions, back.questions) == (15, 15, 15, 15)
    with closing(Gallery(first)) as one, closing(Gallery(last)) as other:
        for table in ("people", "photos", "faces", "wishes"):
            assert list(one.catalog.tables.rows(table, 1000)) == list(other.catalog.tables.rows(table, 1000))
        for face in one.catalog.queries.face_ids():
            assert one.crops.data(face) == other.crops.data(face)
    for name in faces.names[1:]:
        assert answers(first, name) == answers(last, name) == answers(lite, name)
    assert update(last, faces.folder, crops=True).unchanged == 15
    with pytest.raises(CatalogError, match="holds photos already"):
        copy_gallery(first, last)


def test_half_a_copy_cannot_be_opened_and_is_resumed(
    tmp_path: Path, lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = str(tmp_path / "first")
    update(first, faces.folder, crops=True)
    carry = Mirror.carry_over
    calls = 0

    def breaks(self: Mirror, *words: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise BackendUnavailable("gone")
        carry(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(Mirror, "carry_over", breaks)
    with pytest.raises(BackendUnavailable, match="gone"):
        copy_gallery(first, lite)
    monkeypatch.undo()
    with pytest.raises(CatalogError, match="half a copy: complete it with niteru copy"):
        update(lite, faces.folder, crops=True)
    with pytest.raises(CatalogError, match="half a copy of"):
        copy_gallery(tmp_path / "another", lite) if update(tmp_path / "another", faces.folder, crops=True) else None
    # The source moves on meanwhile: a photo goes, a person gets another name.
    (faces.folder / faces.ref(0)).unlink()
    (faces.folder / faces.names[1]).rename(faces.folder / "Somebody")
    update(first, faces.folder, crops=True)
    assert copy_gallery(first, lite).faces == 17
    assert verify(lite).problems == []


def test_a_copy_interrupted_while_publishing_is_resumed(
    tmp_path: Path, lite: str, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(tmp_path / "first", faces.folder, crops=True)

    def breaks(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("niteru.indexer.storage.milvus.generation_store.MilvusGenerationStore.publish", breaks)
    with pytest.raises(KeyboardInterrupt):
        copy_gallery(tmp_path / "first", lite)
    monkeypatch.undo()
    with pytest.raises(CatalogError, match="half a copy"):
        verify(lite)
    assert copy_gallery(tmp_path / "first", lite).questions == 18


def test_a_mistyped_folder_is_not_created(tmp_path: Path) -> None:
    for words in (("stats",), ("verify",), ("similar", "face:1"), ("rollback",), ("forget", "X")):
        done = niteru(*words, "--gallery", f"milvus:{tmp_path / 'typo'}")
        assert done.returncode == 1
        assert re.search("no gallery here|nothing is indexed yet", done.stderr), done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "typo").exists()
    done = niteru("serve", "--workers", "2", "--gallery", f"milvus:{tmp_path / 'typo'}")
    assert done.returncode == 2


def test_a_copy_that_answers_differently_is_refused(
    tmp_path: Path, faces: DrawnFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(tmp_path / "first", faces.folder, crops=True)
    monkeypatch.setattr("niteru.indexer.update.copying._answer_alike", lambda *_: False)
    with pytest.raises(CopyDiffers, match="answers differently"):
        copy_gallery(tmp_path / "first", tmp_path / "other")

"""Readers that are kept between questions: each question is answered from what the catalogue has then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.catalog.readers import Readers
from support.people import crowd, gallery_of

PEOPLE = 4


@pytest.fixture
def file(tmp_path: Path) -> Path:
    gallery_of(tmp_path / "gallery", crowd(people=PEOPLE)).close()
    return tmp_path / "gallery" / "catalog.sqlite"


@pytest.fixture
def readers(file: Path) -> Iterator[Readers]:
    with closing(Readers(file)) as found:
        yield found


def _drop(file: Path, name: str) -> None:
    with closing(Catalog(file)) as catalog, catalog.transaction():
        for face in catalog.queries.faces_of_person(name):
            catalog.remove_photo(face.photo)


def test_a_kept_reader_has_what_was_written_since(file: Path, readers: Readers) -> None:
    with closing(readers.borrow()) as first:
        everybody = first.people()
        assert len(everybody) == PEOPLE
    _drop(file, everybody[0][1])
    with closing(readers.borrow()) as again:
        assert again is first
        assert again.people() == everybody[1:]
        assert again.faces_of_person(everybody[0][1]) == []


def test_one_question_has_one_state(file: Path, readers: Readers) -> None:
    with closing(readers.borrow()) as reader:
        everybody = reader.people()
        _drop(file, everybody[0][1])
        assert reader.people() == everybody
        assert reader.faces_of_person(everybody[0][1])


def test_an_idle_reader_keeps_nothing_from_being_erased(file: Path, readers: Readers) -> None:
    with closing(readers.borrow()) as reader:
        name = reader.people()[0][1]
        photo = reader.faces_of_person(name)[0].photo
    assert photo.encode() in file.read_bytes()
    _drop(file, name)
    with closing(Catalog(file)) as catalog:
        catalog.scrub()  # fails where anybody still reads
    assert not any(photo.encode() in part.read_bytes() for part in file.parent.glob("catalog.sqlite*"))
    with closing(readers.borrow()) as again:
        assert name not in [known for _, known, _ in again.people()]


def test_another_file_in_its_place_is_opened(file: Path, readers: Readers, tmp_path: Path) -> None:
    shutil.copyfile(file, tmp_path / "copy")
    with closing(readers.borrow()) as reader:
        everybody = reader.people()
    _drop(file, everybody[0][1])
    with closing(Catalog(file)) as catalog:
        catalog.scrub()
    (tmp_path / "copy").replace(file)
    with closing(readers.borrow()) as fresh:
        assert fresh is not reader
        assert fresh.people() == everybody


def test_a_gallery_that_is_gone_is_told(file: Path, readers: Readers) -> None:
    readers.borrow().close()
    shutil.rmtree(file.parent)
    with pytest.raises(CatalogError, match="no gallery here"):
        readers.borrow()


def test_threads_share_readers(file: Path, readers: Readers) -> None:
    def ask(_: int) -> int:
        with closing(readers.borrow()) as reader:
            return sum(len(reader.faces_of_person(name)) for _, name, _ in reader.people())

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(200)))) == 1

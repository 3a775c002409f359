"""A reader takes no sound row for a damaged one, whatever it looks for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from niteru.indexer.catalog.seals import know_seals, read_sound_rows_only, seal_rows
from niteru.indexer.catalog.table_rows import TABLES
from support.people import crowd, gallery_of


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Catalogue in which each column has at least two values, as while a gallery changes its model."""
    folder = tmp_path_factory.mktemp("gallery")
    gallery_of(folder, crowd(people=3)).close()
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as database:
        know_seals(database)
        database.execute("UPDATE faces SET model = 'another', seal = NULL WHERE id % 2")
        database.execute("UPDATE photos SET finder = 'another', seal = NULL WHERE id % 2")
        seal_rows(database)
        database.commit()
    return folder / "catalog.sqlite"


def test_each_column_can_be_asked_for(file: Path) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        know_seals(database)
        found = {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
        names = {table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")] for table in TABLES}
        read_sound_rows_only(database)
        for table, rows in found.items():
            assert database.execute(f"SELECT * FROM {table}").fetchall() == rows
            for place, column in enumerate(names[table]):
                for value in {row[place] for row in rows if column != "seal"} - {None}:  # nobody asks for a seal
                    question = f"SELECT count(*) FROM {table} WHERE {column} = ?"
                    of_value = database.execute(question, (value,)).fetchone()
                    assert of_value == (sum(row[place] == value for row in rows),), f"{table}.{column}"


def test_what_is_looked_up_by_an_index_still_is(file: Path) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        know_seals(database)
        read_sound_rows_only(database)
        for question in (
            "faces WHERE id = 1",
            "faces WHERE photo_id = 1",
            "photos WHERE ref = 'a'",
            "people WHERE name = 'a'",
        ):
            plan = database.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {question}").fetchall()
            assert "SEARCH" in plan[0][-1], plan

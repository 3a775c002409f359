"""A table of a report, written some rows at a time: as CSV, and as Parquet where pyarrow is installed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from niteru.serve.csv_table import CsvWriter

_AT_ONCE = 32_768
"""Rows that are kept until they are written together: a group of Parquet."""
Row = dict[str, Any]


class Table:
    """Table of a folder.

    Args:
        write: takes rows, some at a time; at least once.
    """

    def __init__(self, write: Callable[[list[Row]], None]) -> None:
        self._write, self._rows, self._begun = write, list[Row](), False

    @classmethod
    @contextlib.contextmanager
    def opened(cls, folder: Path, name: str, columns: dict[str, type]) -> Iterator[Table]:
        """Write a table.

        Args:
            folder: of the report.
            name: of the files, without suffix.
            columns: their names and the types of their values.
        """
        with contextlib.ExitStack() as files:
            out = files.enter_context((folder / f"{name}.csv").open("w", newline="", encoding="utf-8"))
            comma, parquet = CsvWriter(out, list(columns)), _parquet(folder / f"{name}.parquet", columns, files)

            def write(rows: list[Row]) -> None:
                comma.add(rows)
                parquet(rows)

            table = cls(write)
            yield table
            table.flush()

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows, with a value for each column."""
        self._rows += rows
        if len(self._rows) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        if self._rows or not self._begun:
            self._write(self._rows)
        self._rows, self._begun = [], True


def _parquet(file: Path, columns: dict[str, type], files: contextlib.ExitStack) -> Callable[[list[Row]], None]:
    """Open a Parquet file; the function writes rows to it, or nowhere where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return lambda rows: None
    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(column, kinds[kind]) for column, kind in columns.items()])
    writer = files.enter_context(parquet.ParquetWriter(file, schema))
    return lambda rows: writer.write_table(pyarrow.Table.from_pylist(rows, schema))

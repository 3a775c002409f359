"""``report.json``, written and read a person at a time: of many people it is larger than memory should be.

It is laid out as ``json.dump(…, indent=1)`` does, so that two reports compare line by line, and so that a person's
lines can be told from the others'. Older reports are laid out so, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAME = "report.json"
_PEOPLE = ' "people": ['
_FLAT = json.JSONEncoder(ensure_ascii=False, separators=(",\n     ", ": "))
"""Encodes an object of a list of a person, a value a line; the encoder that indents by itself is ten times slower."""
Person = dict[str, Any]


class ReportJson:
    """Writer of a ``report.json``.

    Args:
        folder: of the report.
        overview: what stands before the people.
    """

    def __init__(self, folder: Path, overview: dict[str, Any]) -> None:
        self._out = (folder / NAME).open("w", encoding="utf-8")
        self._out.write(_indented(overview, 0)[:-2] + ",\n" + _PEOPLE)
        self._first = True

    def __enter__(self) -> Self:
        """Write it in a ``with`` statement."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self._out.close()

    def add(self, person: Person, **lists: list[dict[str, Any]]) -> None:
        """Write a person: what is said in single values and in columns, and lists of objects of single values."""
        values = [f'"{key}": {_indented(value, 3)}' for key, value in person.items()]
        values += [f'"{key}": {_list(objects)}' for key, objects in lists.items()]
        self._out.write(("\n" if self._first else ",\n") + "  {\n   " + ",\n   ".join(values) + "\n  }")
        self._first = False

    def end(self, rest: dict[str, Any]) -> None:
        """Write what stands behind the people."""
        self._out.write("]" if self._first else "\n ]")
        for key, value in rest.items():
            self._out.write(f",\n {json.dumps(key)}: {_indented(value, 1)}")
        self._out.write("\n}\n")


def _indented(value: Any, depth: int) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1).replace("\n", "\n" + " " * depth)


def _list(objects: list[dict[str, Any]]) -> str:
    if not objects:
        return "[]"
    return "[\n" + ",\n".join(f"    {{\n     {_FLAT.encode(one)[1:-1]}\n    }}" for one in objects) + "\n   ]"


class ReadReport:
    """Reader of a ``report.json``: first the people, then the rest.

    Args:
        file: to read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rest = list[str]()

    def people(self) -> Iterator[Person]:
        """Everybody, in order.

        Raises:
            OSError: there is no such file.
            ValueError: a person is no JSON.
        """
        self._rest, own, inside = [], list[str](), False
        with self._file.open(encoding="utf-8") as lines:
            for line in lines:
                if not inside:
                    self._rest.append(line)
                    inside = line.rstrip() == _PEOPLE
                elif line.startswith(" ]"):
                    self._rest.append(line)
                    inside = False
                else:
                    own.append(line)
                    if line.startswith("  }"):
                        yield json.loads("".join(own).rstrip().removesuffix(","))
                        own.clear()

    def rest(self) -> dict[str, Any]:
        """All else that it says, once everybody was read.

        Raises:
            ValueError: it is no JSON.
        """
        found: dict[str, Any] = json.loads("".join(self._rest))
        return found

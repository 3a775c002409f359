"""The file of a gallery's keys: hashes, names and rights, for the owner's account alone.

It lies beside the catalogue and not in it: a key is withdrawn at once, also while a run holds the gallery for hours;
and a copy of the gallery, which has the same rows, opens to nobody to whom its own owner has given no key.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from niteru.engine.failure import Failure
from niteru.engine.work.write_atomically import write_atomically
from niteru.serve.keys.key import Key, Right, is_name

if TYPE_CHECKING:
    from filelock import FileLock


class KeysUnreadable(Failure):
    """The file of keys cannot be read, or is not as it was written."""


class KeyExists(Failure):
    """There is a key of this name already."""


class KeyNotFound(Failure):
    """There is no key of this name."""


class KeyFile:
    """Keys of a gallery, in a file that several processes may read and change at once.

    It is read anew for every question that a key comes with, a seventh of a millisecond for a dozen keys: what was
    withdrawn a moment ago is refused by every process.

    Args:
        file: its path; one that does not exist has no keys.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def known(self) -> list[Key]:
        """All keys, also expired ones, in the order in which they were made.

        Raises:
            KeysUnreadable: the file cannot be read, or is damaged.
        """
        try:
            record = json.loads(self.file.read_text(encoding="utf-8"))
            if record["seal"] != _seal_of(record["keys"]):
                raise ValueError("it was changed by something else than niteru key")
            return [_key_of(row) for row in record["keys"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise KeysUnreadable(
                f"{self.file}: the keys cannot be read ({error}), and open nothing. Let the service's account read the "
                "file; if it is damaged, delete it and make the keys anew: niteru key add NAME"
            ) from None

    def add(self, key: Key) -> None:
        """Add a key.

        Raises:
            KeyExists: another has its name.
            KeysUnreadable: see :meth:`known`.
            OSError: the file cannot be written.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            known = self.known()
            if any(one.name == key.name for one in known):
                raise KeyExists(f"there is a key called {key.name} already: niteru key remove {key.name} withdraws it")
            self._write([*known, key])

    def remove(self, name: str) -> None:
        """Withdraw a key; from now on nobody is let in with it.

        Raises:
            KeyNotFound: there is none of this name.
            KeysUnreadable: see :meth:`known`.
            OSError: the file cannot be written.
        """
        if all(one.name != name for one in self.known()):
            raise KeyNotFound(f"there is no key called {name}; niteru key list names all")
        with self._locked():
            self._write([one for one in self.known() if one.name != name])

    def _locked(self) -> FileLock:
        from filelock import FileLock  # loads asyncio, which questions do not need

        return FileLock(f"{self.file}.lock")

    def _write(self, keys: list[Key]) -> None:
        rows = [_row_of(key) for key in keys]
        with write_atomically(self.file, durable=True) as aside:
            aside.touch(mode=0o600)
            aside.chmod(0o600)  # what a killed process left there may have other rights
            aside.write_text(json.dumps({"keys": rows, "seal": _seal_of(rows)}, indent=1), encoding="utf-8")


def _row_of(key: Key) -> dict[str, Any]:
    return {
        "name": key.name,
        "may": sorted(key.may),
        "sha256": key.sha256,
        "made": key.made.isoformat(),
        "until": None if key.until is None else key.until.isoformat(),
    }


def _key_of(row: dict[str, Any]) -> Key:
    """Read a row back.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    if not is_name(row["name"]):
        raise ValueError(f"{row['name']!r} is no name of a key")
    until = None if row["until"] is None else datetime.fromisoformat(row["until"])
    return Key(
        row["name"], frozenset(map(Right, row["may"])), str(row["sha256"]), date.fromisoformat(row["made"]), until
    )


def _seal_of(rows: list[dict[str, Any]]) -> str:
    """Checksum of the rows, so that a byte that a disk has changed gives nobody another right or another day."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()

"""List of places outside a gallery that show its faces, in a small JSON file that belongs to one gallery."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from niteru.engine.work.write_atomically import write_atomically

if TYPE_CHECKING:
    from filelock import FileLock


class ListUntrusted(ValueError):
    """A list cannot be read, or is another gallery's."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that shows faces of a gallery.

    Attributes:
        address: a folder's absolute path, or another address.
        from_gallery: the folder's path from the gallery's folder, for when both were moved; "" if there is none.
        erasures: of the gallery when the faces were taken: later ones are not followed there.
    """

    address: str
    from_gallery: str
    erasures: int

    def folders(self, gallery: Path) -> list[Path]:
        """Where the folder may lie today, the recorded path first."""
        moved = [Path(os.path.normpath(gallery.resolve() / self.from_gallery))] if self.from_gallery else []
        return list(dict.fromkeys([Path(self.address), *moved]))


def place_of(folder: Path, gallery: Path, erasures: int) -> Place:
    """Record a folder by its path, and by the way there from the gallery's folder."""
    folder = folder.resolve()
    try:
        from_gallery = os.path.relpath(folder, gallery.resolve())
    except ValueError:  # another drive of Windows
        from_gallery = ""
    return Place(str(folder), from_gallery, erasures)


class GalleryList:
    """List in a file; several processes may change it at once.

    Args:
        file: its path.
        gallery: id of the gallery that it belongs to.
    """

    def __init__(self, file: Path, gallery: str) -> None:
        self.file, self._gallery = file, gallery
        self.set_aside = file.with_suffix(".unreadable")
        """Where a list goes that could not be read when a new place was to be added."""

    def places(self) -> list[Place]:
        """All places; none if there is no list.

        Raises:
            ListUntrusted: it cannot be read, or is another gallery's.
        """
        try:
            record = json.loads(self.file.read_text(encoding="utf-8"))
            if record["gallery"] != self._gallery:
                raise ListUntrusted("another gallery wrote it")
            return [
                Place(str(row["address"]), str(row["from_gallery"]), int(row["erasures"])) for row in record["places"]
            ]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ListUntrusted(f"{self.file} cannot be trusted ({error})") from None

    def begin(self, places: list[Place]) -> None:
        """Make the list anew, in the place of whatever is there.

        Raises:
            OSError: the list cannot be written.
        """
        with self._locked():
            self._write(places)

    def add(self, place: Place) -> None:
        """Add a place, or replace what is known of it.

        Raises:
            OSError: the list cannot be written.
        """
        with self._locked():
            try:
                known = self.places()
            except ListUntrusted:
                self.file.replace(self.set_aside)
                known = []
            self._write([*(one for one in known if one.address != place.address), place])

    def drop(self, addresses: set[str]) -> None:
        """Remove places. A list that cannot be trusted stays as it is.

        Raises:
            OSError: the list cannot be written.
        """
        if not addresses:
            return
        with self._locked():
            try:
                self._write([one for one in self.places() if one.address not in addresses])
            except ListUntrusted:
                return

    def _locked(self) -> FileLock:
        from filelock import FileLock  # loads asyncio, which questions do not need

        return FileLock(f"{self.file}.lock")

    def _write(self, places: list[Place]) -> None:
        record = {"gallery": self._gallery, "places": [asdict(place) for place in places]}
        with write_atomically(self.file) as aside:
            aside.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

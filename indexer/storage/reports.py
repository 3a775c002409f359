"""Reports of a gallery: remembered when they are made, found wherever they lie, and removed when somebody is forgotten.

A report is known by the gallery's id in its mark, so neither it nor the gallery need lie where they did. Where reports
were written is remembered in the gallery; where that is read-only, in the user's own folder.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from niteru.engine.photos.own_work import MARK
from niteru.engine.work.user_folders import NoHome, data_folder
from niteru.indexer.storage.gallery_list import GalleryList, ListUntrusted, Place, place_of
from niteru.indexer.storage.report_folder import Origin, remains_of, remove_report, reports_in

log = logging.getLogger("niteru")
KNOWN = "reports.json"


@dataclass
class Found:
    """Reports of a gallery as far as they can be found.

    Attributes:
        reports: their folders, and what was made of each.
        out_of_reach: remembered folders that cannot be looked at.
        untrusted: lists of reports that cannot be trusted, one sentence each.
    """

    reports: dict[Path, Origin] = field(default_factory=dict)
    out_of_reach: dict[Path, Origin] = field(default_factory=dict)
    untrusted: list[str] = field(default_factory=list)


class Reports:
    """Reports of one gallery.

    Args:
        folders: of the gallery on this machine; the first one keeps the list.
        gallery: the gallery's id.
    """

    def __init__(self, folders: list[Path], gallery: str) -> None:
        self._folders, self._gallery = folders, gallery

    def remember(self, folder: Path, origin: Origin) -> None:
        """Record that a folder holds a report of the gallery, or is about to."""
        place = place_of(folder, self._folders[0], origin.erasures)
        for known in self._lists():
            with contextlib.suppress(OSError):
                known.file.parent.mkdir(parents=True, exist_ok=True)
                known.add(place)
                return
        log.warning(
            "%s: the gallery cannot be written, so nothing remembers this report: delete it yourself when somebody is "
            "forgotten",
            folder,
        )

    def outdated(self, erasures: int, shown: Iterable[Path] = ()) -> Found:
        """Find the reports from before an erasure: where reports were written, beside there, and beside the gallery.

        Args:
            erasures: number of erasures that a report must know of.
            shown: further folders that may hold a report.
        """
        found = self._find(shown)
        for folders in (found.reports, found.out_of_reach):
            for folder in [folder for folder, origin in folders.items() if origin.erasures >= erasures]:
                del folders[folder]
        return found

    def withdraw(self, erasures: int, shown: Iterable[Path] = ()) -> None:
        """Remove the outdated reports; those that cannot be removed or reached stay on record."""
        gone = set()
        for folder in self.outdated(erasures, shown).reports:
            with contextlib.suppress(OSError):
                remove_report(folder)
                gone.add(folder)
        found = self._find(shown)
        left = found.reports.keys() | found.out_of_reach.keys()
        for known in self._lists():
            with contextlib.suppress(ListUntrusted):
                places = known.places()
                known.drop({one.address for one in places if self._lies_in(one, gone) or not self._lies_in(one, left)})

    def _find(self, shown: Iterable[Path]) -> Found:
        found, here = Found(), self._folders[0]
        places = list(self._places(found))
        folders = [folder for place in places for folder in place.folders(here)]
        for folder in dict.fromkeys([*self._folders, *(path.resolve().parent for path in [*self._folders, *folders])]):
            with contextlib.suppress(OSError):  # what is remembered there is looked at by its own name
                self._note(found, *reports_in(folder))
        for folder in shown:
            if os.path.lexists(folder):  # what is not there is not shown
                self._look(found, folder, Origin(self._gallery, 0))
        for place in places:
            recorded, *moved = place.folders(here)
            if not any(folder.resolve() in found.reports for folder in moved):
                self._look(found, recorded, Origin(self._gallery, place.erasures))
        return found

    def _lies_in(self, place: Place, folders: Iterable[Path]) -> bool:
        return not {folder.resolve() for folder in place.folders(self._folders[0])}.isdisjoint(folders)

    def _lists(self) -> Iterator[GalleryList]:
        yield GalleryList(self._folders[0] / KNOWN, self._gallery)
        with contextlib.suppress(NoHome):
            yield GalleryList(data_folder() / "reports" / f"{self._gallery}.json", self._gallery)

    def _places(self, found: Found) -> Iterator[Place]:
        for known in self._lists():
            if known.set_aside.exists():
                found.untrusted.append(_look_yourself(f"{known.set_aside} could not be read", known.set_aside))
            try:
                yield from known.places()
            except ListUntrusted as error:
                found.untrusted.append(_look_yourself(str(error), known.file))

    def _look(self, found: Found, folder: Path, origin: Origin) -> None:
        """Note a folder that holds a report of the gallery, or that cannot be looked at."""
        folder = folder.resolve()
        try:
            folder.parent.stat()
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                json.loads((folder / MARK).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found.out_of_reach[folder] = origin
        else:
            self._note(found, folder)

    def _note(self, found: Found, *folders: Path) -> None:
        for folder in folders:
            origin = remains_of(folder)
            if origin is not None and origin.gallery == self._gallery:
                found.reports[folder.resolve()] = origin


def _look_yourself(what: str, file: Path) -> str:
    return f"{what}, and may name reports that show them: look for those yourself, then delete {file}"

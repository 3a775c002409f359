"""Which folder below FACES is a person's: the one a photo lies in, unless somebody said otherwise."""

from __future__ import annotations

import logging
from collections.abc import Collection

from niteru.engine.photos.faces_folder import Listing, folders_of_people
from niteru.indexer.gallery import Gallery

log = logging.getLogger("niteru")
PERSON_LEVEL = "person_level"
"""Setting: the level that was chosen, from 1."""
SHOWN = 5


def kept_level(gallery: Gallery) -> int | None:
    """The level that an earlier run was given."""
    kept = gallery.catalog.queries.setting(PERSON_LEVEL)
    return None if kept is None else int(kept)


def keep_level(gallery: Gallery, person_level: int | None) -> None:
    """Keep a choice for the runs to come; None leaves it as it was."""
    if person_level is not None:
        with gallery.catalog.transaction():
            gallery.catalog.set_setting(PERSON_LEVEL, str(person_level))


def tell_of_shared_names(listing: Listing, known: Collection[str]) -> None:
    """Say which people, new here, have photos in several places: they may be several people."""
    found = {name: folders for name, folders in folders_of_people(listing).items() if name not in known}
    for name, folders in list(found.items())[:SHOWN]:
        log.warning("%s is one person here, with photos in %s", name, ", ".join(folders[:SHOWN]))
    if found:
        log.warning(
            "%d names stand in several places; if these are different people, say which folder is the person's, "
            "counted from FACES: --person-level 1",
            len(found),
        )

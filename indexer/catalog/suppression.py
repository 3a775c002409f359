"""Suppression list: people and photos that must not be enrolled again, kept as hashes instead of names."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace

from niteru.engine.photos.faces_folder import LabelledPhoto, Listing
from niteru.engine.photos.file_content import content_hash
from niteru.engine.photos.person_name import name_key
from niteru.engine.photos.photo_error import Unreadable
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.engine.photos.skip_reason import SkipReason
from niteru.indexer.catalog.catalog import Catalog

_SALT = "salt"


class SuppressionList:
    """Salted hashes of forgotten people's names and of forgotten photos' bytes.

    Hashing keeps the names out of the catalogue's file; whoever holds the file can still check a guess.

    Args:
        catalog: opened for writing where the list is to be changed.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._kept = catalog.queries.suppressed()

    def remember(self, people: Iterable[str], contents: Iterable[str]) -> None:
        """Add people by name, and photos by the SHA-256 of their bytes. Must run in a transaction."""
        if self._catalog.queries.setting(_SALT) is None:
            self._catalog.set_setting(_SALT, secrets.token_hex(16))
        self._catalog.suppress(self._hashes(people, contents))

    def lift(self, people: Iterable[str], contents: Iterable[str]) -> int:
        """Remove people and photos; the number of entries that were on the list. Must run in a transaction."""
        lifted = self._kept & set(self._hashes(people, contents)) if self._kept else set()
        self._catalog.release(lifted)
        self._kept -= lifted
        return len(lifted)

    def forgets(self, person: str) -> bool:
        """Whether this person is on the list."""
        return self._forgets([person], [])

    def forgets_content(self, sha256: str) -> bool:
        """Whether a photo with these bytes is on the list."""
        return self._forgets([], [sha256])

    def without_forgotten(self, listing: Listing) -> Listing:
        """A listing whose suppressed photos are moved to the skipped ones.

        Files are read only where the catalogue does not know them as they are.
        """
        if not self._kept:
            return listing
        known = {state.ref: state.stamp for state in self._catalog.queries.photos().values()}
        people = {name for name in {photo.person for photo in listing.photos} if self.forgets(name)}
        forgotten = {
            photo.ref
            for photo in listing.all_photos
            if photo.person in people or self._forgets_bytes(photo, known.get(photo.ref))
        }
        return replace(
            listing,
            photos=[photo for photo in listing.photos if photo.ref not in forgotten],
            of_nobody=[photo for photo in listing.of_nobody if photo.ref not in forgotten],
            skipped=listing.skipped | dict.fromkeys(sorted(forgotten), SkipReason.FORGOTTEN),
        )

    def _forgets_bytes(self, photo: LabelledPhoto, known: PhotoStamp | None) -> bool:
        try:
            if PhotoStamp.of(photo.path) == known:
                return False
            return self._forgets([], [content_hash(photo.path)])
        except (OSError, Unreadable):  # reading it, which follows, reports what is wrong
            return False

    def _forgets(self, people: Iterable[str], contents: Iterable[str]) -> bool:
        return not self._kept.isdisjoint(self._hashes(people, contents))

    def _hashes(self, people: Iterable[str], contents: Iterable[str]) -> list[bytes]:
        salt = bytes.fromhex(self._catalog.queries.setting(_SALT) or "")
        texts = [
            *(f"person {spelling}" for name in people for spelling in {name, name_key(name)}),
            *(f"photo {sha256}" for sha256 in contents),
        ]
        return [hashlib.blake2b(text.encode(), key=salt, digest_size=16).digest() for text in texts]

"""All keys that a service knows: the one it was started with, and those of its gallery's file."""

from __future__ import annotations

import hmac

from niteru.engine.failure import Failure
from niteru.serve.keys.key import Key, hash_of, owners
from niteru.serve.keys.key_file import KeyFile


class KeyExpired(Failure):
    """A key's last day is over."""

    slug = "unauthorised"


class Keys:
    """Keys of one service.

    Args:
        owners_key: the key that the service was started with; empty for none.
        file: of the gallery's keys.
    """

    def __init__(self, owners_key: str, file: KeyFile) -> None:
        self._owner = owners(owners_key) if owners_key else None
        self._file = file

    def of(self, text: str) -> Key | None:
        """The key that somebody sent; None if nobody has been given it, or it was withdrawn.

        Raises:
            KeyExpired: its last day is over.
            KeysUnreadable: it is not the owner's, and the file cannot be read.
        """
        if not text:
            return None
        sent = hash_of(text)
        found = _found(sent, [self._owner] if self._owner else []) or _found(sent, self._file.known())
        if found is not None and found.expired:
            raise KeyExpired(f"the key {found.name} has expired: ask the service's owner for another")
        return found


def _found(sent: str, keys: list[Key]) -> Key | None:
    """Compare with every key, and each in constant time, so that a guess does not show how much of it is right."""
    found = None
    for key in keys:
        if hmac.compare_digest(key.sha256, sent):
            found = key
    return found

"""A key to the service: whose it is, what it may do, and until when."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from niteru.engine.failure import Failure

OWNER = "owner"
"""Name of the key that the service was started with."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RANDOM_BYTES = 32


class BadKey(Failure):
    """A key cannot have such a name, right or last day."""


class Right(StrEnum):
    """What a key may do.

    Attributes:
        READ: ask, from another machine; whoever is on this one may ask without a key.
        WRITE: enrol photos, say who somebody is, and take that back.
        DELETE: forget people and faces.
    """

    READ = "read"
    WRITE = "write"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Key:
    """A key, of which only a hash is known.

    Attributes:
        name: of whoever has it, for logs and lists: letters, digits, dots, hyphens and underscores.
        may: its rights.
        sha256: of the key, in hexadecimal digits. Keys are 32 random bytes, so that there is no dictionary to guess
            them from, and a slow hash, as passwords need, would only make every request slow.
        made: day on which it was made.
        until: moment from which it is refused; None for never.
    """

    name: str
    may: frozenset[Right]
    sha256: str
    made: date
    until: datetime | None = None

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.until is not None and datetime.now(UTC) >= self.until


def owners(key: str) -> Key:
    """The key that a service was started with: it may do everything."""
    return Key(OWNER, frozenset(Right), hash_of(key), datetime.now().astimezone().date())


def new_key(name: str, may: Iterable[Right], last_day: date | None = None) -> tuple[Key, str]:
    """Make a key; returned with its text, which nobody can find out afterwards.

    Args:
        name: of whoever gets it.
        may: its rights.
        last_day: on which it is accepted, by this machine's clock and time zone; None for no end.

    Raises:
        BadKey: the name is no name, it has no right, or the last day is over.

    Example:
        >>> key, text = new_key("website", [Right.READ])
        >>> key.name, sorted(key.may), key.sha256 == hash_of(text), len(text)
        ('website', [<Right.READ: 'read'>], True, 43)
    """
    rights = frozenset(may)
    if name == OWNER:
        raise BadKey(f"{OWNER!r} is the key that the service is started with: choose another name")
    if not is_name(name):
        raise BadKey(
            f"{name[:80]!r} cannot name a key: take 1 to 64 letters of the English alphabet, digits, dots, hyphens and "
            "underscores, the first a letter or a digit"
        )
    if not rights:
        raise BadKey(f"a key that may do nothing opens nothing: choose from {', '.join(Right)}")
    text = secrets.token_urlsafe(_RANDOM_BYTES)
    today = datetime.now().astimezone().date()
    key = Key(name, rights, hash_of(text), today, None if last_day is None else _after(last_day))
    if key.expired:
        raise BadKey(f"{last_day} is over: choose today or a later day")
    return key, text


def hash_of(text: str) -> str:
    """Hash of a key's text, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_name(text: str) -> bool:
    """Whether a key can be called so; it stands in lines of logs, which it must not break."""
    return _NAME.fullmatch(text) is not None


def _after(day: date) -> datetime:
    """The first moment after a day in this machine's time zone."""
    try:
        return datetime.combine(day + timedelta(days=1), time()).astimezone().astimezone(UTC)
    except OverflowError:
        raise BadKey(f"{day} is too far away: leave the last day out for a key without an end") from None

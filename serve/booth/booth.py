"""The booth of a service: its settings, its cards, and who may use it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from niteru.serve.booth.cards import SharedCards
from niteru.serve.booth.settings import Settings, keep_settings, read_settings

_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capitals that nobody takes for one another."""


@dataclass(frozen=True, slots=True)
class BoothAddress:
    """Where a booth is found, and by whom.

    Attributes:
        https: address for phones and tablets, such as ``https://192.168.1.5:8443``.
        code: the staff's.
        folder: where its certificate and its settings lie.
    """

    https: str
    code: str
    folder: Path


class Booth:
    """State of a booth, shared by the threads of one process.

    Args:
        at: its address.
    """

    def __init__(self, at: BoothAddress) -> None:
        self.at, self.cards = at, SharedCards()
        self.settings = read_settings(self._file)
        self.pass_ = secrets.token_urlsafe(32)
        """What a device is given that came with the staff's code; another one after every start."""

    @property
    def _file(self) -> Path:
        return self.at.folder / "settings.json"

    def change(self, settings: Settings) -> None:
        """Use other settings from now on, and keep them."""
        keep_settings(self._file, settings)
        self.settings = settings

    def is_code(self, given: str) -> bool:
        """Whether this is the staff's code, however it is written."""
        return hmac.compare_digest(_plain(given), _plain(self.at.code))

    def is_pass(self, given: str) -> bool:
        """Whether a device was let in."""
        return hmac.compare_digest(given.encode(), self.pass_.encode())


def new_code() -> str:
    """A code for the staff, such as ``K7QM-3XPD``.

    Example:
        >>> len(new_code())
        9
    """
    one, other = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
    return f"{one}-{other}"


def _plain(code: str) -> bytes:
    return "".join(letter for letter in code.upper() if letter.isalnum()).encode()

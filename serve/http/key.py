"""The key that opens the service to others."""

from __future__ import annotations

import secrets

from niteru.engine.failure import Failure

LEAST_KEY = 16


class KeyMissing(Failure):
    """The service would be open to the network without a usable key."""


def check_key(key: str, public: bool) -> None:
    """Require a key that cannot be guessed of a service that other machines can reach.

    Raises:
        KeyMissing: there is no key, it is short, or it is not plain ASCII.
    """
    if not key.isascii():
        raise KeyMissing("NITERU_API_KEY must be plain ASCII: clients encode other letters differently")
    if public and len(key) < LEAST_KEY:
        raise KeyMissing(
            f"other machines can reach this address, so NITERU_API_KEY must be set to {LEAST_KEY} characters or more, "
            "for example to the output of: openssl rand -hex 16"
        )


def key_of_this_run() -> str:
    """A new key for a service that only its own machine can reach; nobody needs to think of one."""
    return secrets.token_hex(LEAST_KEY)

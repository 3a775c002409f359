"""The owner's key, which a service is started with."""

from __future__ import annotations

import secrets

from niteru.engine.failure import Failure
from niteru.serve.keys.key_file import KeyFile

LEAST_KEY = 16


class KeyMissing(Failure):
    """The service would be open to the network without a usable key."""


def check_key(key: str, public: bool, others: KeyFile) -> None:
    """Require a key that cannot be guessed of a service that other machines can reach.

    Args:
        key: the owner's; empty for none.
        public: whether other machines can reach the service.
        others: keys that the owner has given to others.

    Raises:
        KeyMissing: there is no key at all, or the owner's is short or not plain ASCII.
        KeysUnreadable: the owner has none, and the others cannot be read.
    """
    if not key.isascii():
        raise KeyMissing("NITERU_API_KEY must be plain ASCII: clients encode other letters differently")
    if public and len(key) < LEAST_KEY and (key or not others.known()):
        raise KeyMissing(
            f"other machines can reach this address, so NITERU_API_KEY must be set to {LEAST_KEY} characters or more, "
            "for example to the output of: openssl rand -hex 16. Or make keys with names: niteru key add NAME"
        )


def key_of_this_run() -> str:
    """A new key for a service that only its own machine can reach; nobody needs to think of one."""
    return secrets.token_hex(LEAST_KEY)

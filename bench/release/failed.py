"""A check that failed, and commands whose failure is one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


class CheckFailed(Exception):
    """Something must be mended before the release; the message says what."""


def run(command: Sequence[object], folder: Path) -> str:
    """Run a command to its end in a folder, without the environment that runs this; return what it prints.

    Raises:
        CheckFailed: it ended with an error; the message has what it printed.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=inherited, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise CheckFailed(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout

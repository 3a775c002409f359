"""FAISS (https://arxiv.org/abs/2401.08281), loaded so that its threads sleep while they wait."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any


def _faiss() -> Any:
    """FAISS, whose threads sleep while they wait for one another.

    On a busy machine those that spin instead take 35 s of two cores to learn from 1,000 vectors, and .5 s asleep.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    return import_module("faiss")


faiss: Any = _faiss()
"""FAISS without its type hints, which are wrong about the parameters of searches."""

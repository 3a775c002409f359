"""Query parameters, checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

from werkzeug.datastructures import MultiDict

from indexer.lookalike import By, Mode
from serve.problems import BadParameter

MOST_ROWS = 100
_KNOWN = frozenset({"image", "k", "by", "mode", "face", "max_rarity"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """What can be asked beside the image. ``face`` picks among several: ``largest``, ``center`` or an index."""

    k: int
    by: By
    mode: Mode
    face: str
    max_rarity: float | None


def parse(args: MultiDict[str, str]) -> Parameters:
    """Read the parameters of ``/similar``.

    Raises:
        BadParameter: unknown, out of range, or no number where one belongs.
    """
    unknown = sorted(set(args) - _KNOWN)
    if unknown:
        raise BadParameter(f"unknown parameter {unknown[0]!r}; known are {', '.join(sorted(_KNOWN))}")
    by = _choice(args, "by", get_args(By), "person")
    mode = _choice(args, "mode", get_args(Mode), "lookalike")
    face = args.get("face", "largest")
    if face not in ("largest", "center") and not (face.isascii() and face.isdigit() and len(face) < 4):
        raise BadParameter("face is 'largest', 'center' or the number of a face, from 0")
    return Parameters(_rows(args), by, mode, face, _share(args))  # type: ignore[arg-type]


def _rows(args: MultiDict[str, str]) -> int:
    text = args.get("k", "10")
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST_ROWS):
        raise BadParameter(f"k is a whole number from 1 to {MOST_ROWS}")
    return int(text)


def _share(args: MultiDict[str, str]) -> float | None:
    text = args.get("max_rarity")
    if text is None:
        return None
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        raise BadParameter("max_rarity is a share above 0 and up to 1, for example 0.001")
    return share


def _choice(args: MultiDict[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = args.get(name, default)
    if value not in allowed:
        raise BadParameter(f"{name} is one of {', '.join(allowed)}")
    return value

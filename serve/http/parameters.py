"""What can be asked beside the image."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.indexer.ask.lookalike import By, Mode


@dataclass(frozen=True, slots=True)
class Parameters:
    """Checked by :mod:`niteru.serve.http.schemas`.

    Attributes:
        k, by, mode, max_rarity: see :class:`niteru.indexer.ask.lookalike.Question`.
        explain: 1 to say which parts of the face are alike.
        image: REF of a face of the gallery; empty for uploads.
        face: which face of an uploaded photo, ``largest``, ``center`` or an index.
    """

    k: int
    by: By = "person"
    mode: Mode = "lookalike"
    max_rarity: float | None = None
    explain: int = 0
    image: str = ""
    face: str = "largest"

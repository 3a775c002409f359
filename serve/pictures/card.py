"""Card to keep or share: what it shows, its formats, and the sheet that it is drawn on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from PIL import Image, ImageDraw

from niteru.indexer.ask.how_sure import Interval
from niteru.indexer.ask.portraits import Portrait
from niteru.indexer.ask.rarity_in_words import WORDS, Language, grade_in_words, rarity_in_words
from niteru.serve.pictures.drawing import PAPER, SOFT
from niteru.serve.pictures.lines import Block, Style, write_line

Format = Literal["square", "portrait", "story"]
FORMATS: tuple[Format, ...] = get_args(Format)
WIDTH, MARGIN, GAP = 1080, 64, 24
HEIGHTS: dict[Format, int] = {"square": 1080, "portrait": 1350, "story": 1920}
_FREE: dict[Format, tuple[int, int]] = {"square": (0, 0), "portrait": (0, 0), "story": (200, 280)}
"""Pixels above and below that an app covers with its own buttons."""
_FOOT = 56


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Somebody on a card.

    Attributes:
        name: empty for nobody's.
        face: None if it is lost.
    """

    name: str
    face: Portrait | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Resemblance of two on a card: how rare, in which interval, and whether they may be one person.

    Attributes:
        rarity, likely, same_person: as of :class:`niteru.indexer.ask.lookalike.LookAlike`.
        why: share of each part of the face in it; empty if it is not told.
    """

    rarity: float
    likely: Interval
    same_person: bool
    why: Mapping[str, float] = field(default_factory=dict)

    def degree(self, language: Language) -> str:
        """Say in a few words how alike they are."""
        said = WORDS[language].same_person if self.same_person else grade_in_words(self.rarity, language)
        return said[:1].upper() + said[1:]

    def frequency(self, language: Language) -> str:
        """Say how rare that is."""
        return rarity_in_words(self.rarity, language)

    def sureness(self, language: Language) -> str:
        """Say how sure that is."""
        return WORDS[language].how_sure[self.likely.how_sure]


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows: somebody, and those who look like them, the most alike first.

    One look-alike is shown as a pair; ``nobody_alike`` says that even the first is common.
    """

    asked: Shown
    found: Sequence[tuple[Shown, Likeness]]
    nobody_alike: bool = False


class Sheet:
    """Paper of a format, with the room that is left for what the card says.

    Args:
        format: of the card.
        language: of its words.
    """

    def __init__(self, format: Format, language: Language) -> None:
        self.format, self.language = format, language
        self.picture = Image.new("RGB", (WIDTH, HEIGHTS[format]), PAPER)
        self.pen = ImageDraw.Draw(self.picture)
        above, below = _FREE[format]
        self.top, self.bottom = above + MARGIN, HEIGHTS[format] - below - MARGIN - _FOOT
        self.room = WIDTH - 2 * MARGIN
        foot = (WIDTH / 2, HEIGHTS[format] - below - MARGIN)
        write_line(self.pen, foot, "niteru 似てる", Style(32, SOFT), "m")

    def style(self, size: int, colour: str, *, bold: bool = False) -> Style:
        """Style in the language of the card."""
        return Style(size, colour, bold, self.language)

    def stack(self, blocks: Sequence[Block], top: int, *, centred: bool = True) -> None:
        """Write blocks of text one below the other, with the room that is left shared out between them."""
        shown = [block for block in blocks if block.lines]
        spare = self.bottom - top - sum(block.height for block in shown)
        between = max(0.0, min(spare / (len(shown) + 1), 40.0))
        y = top + max(between, (spare - between * (len(shown) - 1)) / 2)
        for block in shown:
            block.write(self.pen, MARGIN, y, self.room, centred=centred)
            y += block.height + between

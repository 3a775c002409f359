"""Drawing of a card: as a pair, or as somebody with up to three look-alikes."""

from __future__ import annotations

from PIL import Image

from niteru.indexer.ask.rarity_in_words import Language
from niteru.serve.pictures.card import Card, Format
from niteru.serve.pictures.pair import draw_pair
from niteru.serve.pictures.top import draw_top


def draw_card(card: Card, format: Format = "square", language: Language = "en") -> Image.Image:
    """Draw a card, 1080 pixels wide: a pair of somebody and the only look-alike, or a row of several."""
    draw = draw_pair if len(card.found) == 1 else draw_top
    return draw(card, format, language)

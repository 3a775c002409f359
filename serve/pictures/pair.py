"""Card of two faces side by side: how alike they are, how rare that is, and where the likeness lies."""

from __future__ import annotations

from PIL import Image

from niteru.indexer.ask.rarity_in_words import Language
from niteru.serve.pictures.card import GAP, MARGIN, Card, Format, Likeness, Sheet, Shown
from niteru.serve.pictures.drawing import ACCENT, INK, SOFT
from niteru.serve.pictures.frame import frame
from niteru.serve.pictures.lines import Block, fitted
from niteru.serve.pictures.words import called, lies_in

_HIGH: dict[Format, int] = {"square": 540, "portrait": 656, "story": 690}


def draw_pair(card: Card, format: Format, language: Language) -> Image.Image:
    """Draw the first two of a card."""
    sheet, high = Sheet(format, language), _HIGH[format]
    wide = (sheet.room - GAP) // 2
    other, likeness = card.found[0]
    top = sheet.top + high
    faces = [shown.face for shown in (card.asked, other)]
    inset = min((face.inset for face in faces if face is not None), default=0.0)  # both faces are of one size then
    for face, left in zip(faces, (MARGIN, MARGIN + wide + GAP), strict=True):
        frame(sheet.picture, face, (left, sheet.top, wide, high), likeness.why, inset)
    names = [_name(sheet, shown, wide) for shown in (card.asked, other)]
    for name, left in zip(names, (MARGIN, MARGIN + wide + GAP), strict=True):
        name.write(sheet.pen, left, top + 20, wide, centred=True)
    sheet.stack(_said(sheet, likeness), top + 20 + max(name.height for name in names))
    return sheet.picture


def _name(sheet: Sheet, shown: Shown, wide: int) -> Block:
    return fitted(called(shown.name, sheet.language), sheet.style(48, INK, bold=True), wide, 2, 28)


def _said(sheet: Sheet, likeness: Likeness) -> list[Block]:
    """What stands beneath the faces, from the largest to the smallest."""
    language, room = sheet.language, sheet.room
    return [
        fitted(likeness.degree(language), sheet.style(76, ACCENT, bold=True), room, 2, 44),
        fitted(f"{likeness.frequency(language)} · {likeness.sureness(language)}", sheet.style(40, INK), room, 2, 30),
        fitted(lies_in(likeness.why, language), sheet.style(36, SOFT), room, 2, 28),
    ]

"""Picture of two faces side by side: how rare the resemblance is, and which parts of the face it lies in."""

from __future__ import annotations

from PIL import Image, ImageDraw

from niteru.indexer.ask.comparison import Comparison, Side
from niteru.indexer.ask.rarity_in_words import WORDS, surely_in_words
from niteru.serve.pictures.drawing import ACCENT, INK, LINE, MARGIN, PAPER, SOFT, WIDTH, paste_face, write_line

FACE, BAR = 450, 40


def draw_comparison(one: Side, other: Side, found: Comparison) -> Image.Image:
    """Draw the two faces, their names, how rare the resemblance is, and a bar for each part of the face."""
    parts = sorted(((part, name) for name, part in found.why.items() if part >= 0.005), reverse=True)
    top = MARGIN + FACE + 200
    picture = Image.new("RGB", (WIDTH, top + len(parts) * (BAR + 16) + MARGIN + 40), PAPER)
    pen = ImageDraw.Draw(picture)
    for left, some in ((MARGIN, one), (WIDTH - MARGIN - FACE, other)):
        paste_face(picture, some.crop, (left, MARGIN), FACE)
    write_line(pen, (WIDTH // 2, MARGIN + FACE + 30), f"{one.name}  ·  {other.name}", 48, INK, bold=True, centred=True)
    verdict = WORDS["en"].same_person if found.same_person else surely_in_words(found.rarity, found.likely)
    write_line(pen, (WIDTH // 2, MARGIN + FACE + 105), verdict, 38, SOFT, centred=True)
    for row, (part, name) in enumerate(parts):
        y = top + row * (BAR + 16)
        write_line(pen, (MARGIN, y), name, 32, INK)
        pen.rounded_rectangle((MARGIN + 200, y, WIDTH - MARGIN - 100, y + BAR), BAR // 2, LINE)
        length = (WIDTH - 2 * MARGIN - 300) * part
        pen.rounded_rectangle((MARGIN + 200, y, MARGIN + 200 + max(length, BAR), y + BAR), BAR // 2, ACCENT)
        write_line(pen, (WIDTH - MARGIN - 85, y), f"{part:.0%}", 32, SOFT)
    write_line(pen, (WIDTH // 2, picture.height - 50), "niteru", 28, SOFT, centred=True)
    return picture

"""Fonts that come along, made smaller: what each subset holds and weighs, and the files themselves.

Needs the extra ``bench``. The sources are Noto's files as distributions have them (fonts-noto-core, fonts-noto-cjk in
Debian, or the package noto-cjk-sans-jp-regular on PyPI; for emoji the font in one colour). A subset keeps outlines and
shaping and drops hints, which nobody sees at the sizes of a card. Of the regional forms of a Chinese character the
Japanese and the Taiwanese stay, in one file: OpenType's feature ``locl`` chooses by language.

    python -m bench.fonts /usr/share/fonts --out serve/pictures/fonts
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import click

SCRIPTS = (
    *("Arabic", "Bengali", "Devanagari", "Ethiopic", "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer"),
    *("Malayalam", "Myanmar", "Sinhala", "Tamil", "Telugu", "Thai"),
)
"""Scripts with a font of their own, which come whole."""
PLAIN = ("NotoSans-Regular", "NotoSans-Bold", *(f"NotoSans{script}-Regular" for script in SCRIPTS))
EMOJI, EMOJI_OUT = "NotoEmoji*.ttf", "NotoEmoji-Regular.ttf"
"""In one colour, as text is."""
CJK, CJK_OUT = "NotoSansCJK*-Regular.otf", "NotoSansCJK-Regular-subset.otf"
_LANGUAGES = [f"{script}.{form}" for script in ("DFLT", "hani", "kana", "hang", "latn") for form in ("dflt", "ZHT ")]
Letters = set[int]


def encoded(codec: str, first: range, second: range) -> Letters:
    """Code points that a double-byte encoding has within a range of its table."""
    found: Letters = set()
    for pair in itertools.product(first, second):
        found |= set(map(ord, bytes(pair).decode(codec, "ignore")))
    return found


def cjk_sets() -> dict[str, Letters]:
    """Growing sets of letters by what they are called."""
    kana = {*range(0x20, 0x7F), *range(0x3000, 0x3100), *range(0x31F0, 0x3200), *range(0xFF00, 0xFFEF)}
    rows = range(0xA1, 0xFF)
    windows = encoded("cp932", range(0x81, 0xFD), range(0x40, 0xFD))  # has 髙 and 﨑, which names are written with
    japanese = kana | windows | encoded("euc_jis_2004", rows, rows)
    common = japanese | encoded("big5", range(0xA4, 0xC7), range(0x40, 0xFF)) | encoded("euc_kr", rows, rows)
    chinese = common | encoded("big5", range(0xA1, 0xFA), range(0x40, 0xFF))
    every = chinese | encoded("gb2312", rows, rows) | set(range(0xAC00, 0xD7A4))
    return {
        "JIS levels 1 to 3, Big5 level 1, KS X 1001": common,
        "and Big5 level 2": chinese,
        "and GB 2312, all Hangul": every,
    }


def write_subset(
    source: Path, out: Path, letters: Letters | None, keep: Iterable[str], languages: Iterable[str] = ("*",)
) -> int:
    """Write a font with these letters, all of its own if None; returns how many it has."""
    from fontTools import subset
    from fontTools.varLib.instancer import instantiateVariableFont

    options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True)
    options.layout_scripts = list(languages)
    options.layout_features = list(keep)
    font = subset.load_font(str(source), options)
    if "fvar" in font:
        instantiateVariableFont(font, {"wght": 400}, inplace=True)
    has = set(font.getBestCmap())
    # The format for the first 65,536 code points alone has no room for scattered ones.
    font["cmap"].tables = [table for table in font["cmap"].tables if letters is None or table.format == 12]
    subsetter = subset.Subsetter(options)
    kept = has if letters is None else has & letters
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    subset.save_font(font, str(out), options)
    return len(kept)


def one(sources: Path, pattern: str) -> Path:
    """The file below a folder that matches a pattern."""
    return next(sources.rglob(pattern))


@click.command()
@click.argument("sources", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the files.")
def main(sources: Path, out: Path) -> None:
    """Write the subsets of the fonts in SOURCES, and tell what they hold and weigh."""
    out.mkdir(parents=True, exist_ok=True)
    for name in PLAIN:
        file = out / f"{name}.ttf"
        count = write_subset(one(sources, f"{name}.ttf"), file, None, ["*"])
        click.echo(f"{name}: {count:,} letters, {file.stat().st_size / 1e6:.2f} MB")
    file = out / EMOJI_OUT
    count = write_subset(one(sources, EMOJI), file, None, ["*"])
    click.echo(f"{EMOJI_OUT}: {count:,} letters, {file.stat().st_size / 1e6:.2f} MB")
    source, file = one(sources, CJK), out / CJK_OUT
    click.echo(f"{source.name}, whole: {source.stat().st_size / 1e6:.2f} MB")
    for name, letters in cjk_sets().items():
        count = write_subset(source, file, letters, ["locl", "ccmp"], _LANGUAGES)
        click.echo(f"{name}: {count:,} letters, {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

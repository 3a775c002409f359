"""Words of a sheet in each language, beside those about resemblance."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.indexer.ask.rarity_in_words import Language


@dataclass(frozen=True, slots=True)
class SheetWords:
    """Title, whom the resemblance is to, and the foot: the gallery, and the page."""

    title: str
    picked_for: str
    somebody: str
    gallery: str
    page: str


SHEET_WORDS: dict[Language, SheetWords] = {
    "en": SheetWords(
        title="Shortlist",
        picked_for="How alike they are to {name}",
        somebody="this photo",
        gallery="Gallery: {name} · {day}",
        page="page {number} of {pages}",
    ),
    "ja": SheetWords(
        title="候補者リスト",
        picked_for="{name} とどのくらい似ているか",
        somebody="この写真",
        gallery="ギャラリー：{name} · {day}",
        page="{number} / {pages} ページ",
    ),
    "zh-Hant": SheetWords(
        title="候選名單",
        picked_for="與 {name} 有多像",
        somebody="這張照片",
        gallery="資料庫：{name} · {day}",
        page="第 {number} 頁，共 {pages} 頁",
    ),
}

"""Columns whose names say what they mean, in English, Japanese and Traditional Chinese."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from niteru.engine.photos.dates.date_in_cell import date_in_cell
from niteru.engine.photos.person_name import name_key


class Meaning(StrEnum):
    """What a column says; the value is what niteru itself calls such a column."""

    BORN = "born"
    """When the person was born."""
    FAMILY = "family"
    """Which family the person belongs to. A surname is none: people share it who are no relatives, and relatives do
    not."""
    TAKEN = "taken"
    """When the photo was taken."""


_NAMES = {
    Meaning.BORN: (
        *("born", "born in", "birth", "birthday", "birthdate", "birth date", "birthyear", "birth year", "dob"),
        *("date of birth", "year of birth", "day of birth"),
        *("生年", "生年月日", "誕生日", "誕生年", "出生年", "出生日", "生まれ", "生まれ年"),
        *("生日", "出生", "出生日期", "出生年份", "出生年月日", "生於", "生年份"),
    ),
    Meaning.FAMILY: ("family", "families", "家族", "一族", "家系", "一家", "家庭", "家門"),
    Meaning.TAKEN: (
        *("taken", "date taken", "taken on", "date", "photo date", "year", "year taken"),
        *("撮影日", "撮影日時", "撮影年", "撮影年月日", "日付", "年月日", "年"),
        *("拍攝日", "拍攝日期", "拍攝時間", "拍攝年份", "拍照日期", "日期", "年份"),
    ),
}
_MEANINGS = {re.sub(r"[\s_-]+", " ", name_key(name)): meaning for meaning, names in _NAMES.items() for name in names}
EARLIEST_BIRTH = 1740
"""Year of birth of the oldest person on any photograph, about."""


def meaning_of(column: str) -> Meaning | None:
    """What a column means by its name; None if that is not known.

    Example:
        >>> meaning_of("Birth_Year"), meaning_of("拍攝日期"), meaning_of("surname")
        (<Meaning.BORN: 'born'>, <Meaning.TAKEN: 'taken'>, None)
    """
    return _MEANINGS.get(re.sub(r"[\s_-]+", " ", name_key(column)))


def birth_year(text: str) -> int | None:
    """The year in what a table says of somebody's birth, in whatever form; None without one, or with several.

    Example:
        >>> [birth_year(text) for text in ("1931", "4/5/1931", "昭和 6 年 (1931)", "5 May", "1931 or 1932")]
        [1931, 1931, 1931, None, None]
    """
    found = date_in_cell(text)
    return found.year if found is not None and EARLIEST_BIRTH <= found.year <= date.today().year else None

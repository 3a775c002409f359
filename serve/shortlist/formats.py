"""Formats of a shortlist: what each is called, and how it is written."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from niteru.engine.failure import Failure
from niteru.engine.work.write_atomically import write_atomically
from niteru.indexer.ask.how_sure import rarity_as_dict
from niteru.indexer.ask.rarity_in_words import Language, one_in
from niteru.indexer.ask.shortlist import Picked, Shortlist, shortlist_as_dict
from niteru.serve.csv_table import headings, said, write_csv
from niteru.serve.shortlist.sheet import DOTS, pages_of, picture_of

Format = Literal["pdf", "png", "csv", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)
_COLUMNS = (
    "person",
    "faces",
    "photo",
    "similarity",
    "rarity",
    "rarity_from",
    "rarity_to",
    "how_sure",
    "one_in",
    "same_person",
)


class UnknownFormat(Failure):
    """The name of a file does not say in which format to write a shortlist."""


@dataclass(frozen=True, slots=True)
class _Writer:
    content_type: str
    write: Callable[[Shortlist, Language], bytes]


def format_of(file: Path) -> Format:
    """The format that the name of a file asks for.

    Raises:
        UnknownFormat: it asks for none of ours.

    Example:
        >>> format_of(Path("shortlist.PDF"))
        'pdf'
    """
    suffix = file.suffix.lower().removeprefix(".")
    for known in FORMATS:
        if known == suffix:
            return known
    raise UnknownFormat(f"{file}: a shortlist is written as {', '.join(f'.{one}' for one in FORMATS)}, by the suffix")


def content_type(wanted: Format) -> str:
    """Media type of a format."""
    return _WRITERS[wanted].content_type


def written(made: Shortlist, wanted: Format, language: Language = "en") -> bytes:
    """Write a shortlist.

    Args:
        made: the list.
        wanted: format of the file.
        language: of the words on a sheet.
    """
    return _WRITERS[wanted].write(made, language)


def save(made: Shortlist, file: Path, language: Language = "en") -> None:
    """Write a shortlist to a file whose name says in which format; missing folders are made.

    Raises:
        UnknownFormat: it does not.
    """
    data = written(made, format_of(file), language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(file) as aside:
        aside.write_bytes(data)


def _pdf(made: Shortlist, language: Language) -> bytes:
    first, *others = pages_of(made, language)
    out = io.BytesIO()
    # Letters keep their colour at their edges: no pixel of it is shared with the next.
    kind: dict[str, Any] = {"resolution": DOTS, "quality": 90, "subsampling": 0, "title": "niteru"}
    first.save(out, "PDF", save_all=True, append_images=others, **kind)
    return out.getvalue()


def _png(made: Shortlist, language: Language) -> bytes:
    out = io.BytesIO()
    picture_of(made, language).save(out, "PNG", compress_level=3, dpi=(DOTS, DOTS))
    return out.getvalue()


def _csv(made: Shortlist, _: Language) -> bytes:
    under = headings(made.columns, _COLUMNS)
    out = io.StringIO(newline="")
    rows = ({**_row(one), **said(one.columns, under)} for one in made.people)
    write_csv(out, [*_COLUMNS, *under.values()], rows)
    return out.getvalue().encode()


def _row(one: Picked) -> dict[str, Any]:
    row = dict.fromkeys(_COLUMNS) | {"person": one.person, "faces": one.faces, "photo": one.photo}
    alike = one.likeness
    if alike is None:
        return row
    numbers = {"similarity": round(alike.similarity, 4), **rarity_as_dict(alike.rarity, alike.likely)}
    return row | numbers | {"one_in": one_in(alike.rarity), "same_person": alike.same_person}


def _json(made: Shortlist, _: Language) -> bytes:
    return json.dumps(shortlist_as_dict(made), ensure_ascii=False).encode()


_WRITERS: dict[Format, _Writer] = {
    "pdf": _Writer("application/pdf", _pdf),
    "png": _Writer("image/png", _png),
    "csv": _Writer("text/csv", _csv),
    "json": _Writer("application/json", _json),
}

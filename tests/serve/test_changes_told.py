"""Changes as text, Markdown and Atom, in three languages, and by the command."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

from click.testing import CliRunner

from niteru.indexer.ask.changes import Changes
from niteru.indexer.ask.rarity_in_words import LANGUAGES
from niteru.indexer.gallery import Gallery
from niteru.scripts.cli import niteru as commands
from niteru.serve.changes.formats import as_feed, as_markdown, as_text
from niteru.serve.changes.lines import lines

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MANY = Changes(
    NOON,
    6,
    came={"Nora": 3, "<b>_Gil_</b>": 1},
    went=["\x07Flo"],
    more={"José": 1, "小雪": 1200},
    fewer={"Cy": 2},
    named={"Bo": 5},
    renamed=["Robert"],
    forgotten=2,
    begun=NOON + timedelta(hours=1),
)


def test_every_change_is_told_in_every_language() -> None:
    for language in LANGUAGES:
        told = lines(MANY, language)
        assert len(told) == 9
        for name in [*MANY.came, *MANY.went, *MANY.more, *MANY.fewer, *MANY.named, *MANY.renamed]:
            assert sum(name in line for line in told) == 1, name
    assert [line for line in lines(MANY) if "photo" in line][:5] == [
        "new: Nora, 3 photos",
        "new: <b>_Gil_</b>, 1 photo",
        "named by hand: Bo, 5 photos",
        "José: 1 more photo",
        "小雪: 1,200 more photos",
    ]


def test_text_is_short_and_says_how_much_it_leaves_out() -> None:
    told = as_text(MANY, "en", 2).splitlines()
    assert told[0].startswith("What has changed since generation 6 (2026-11-")
    assert told[1:4] == ["  new: Nora, 3 photos", "  new: <b>_Gil_</b>, 1 photo", "  and 7 more"]
    assert told[4].startswith("  The history of this gallery begins on 2026-")
    assert as_text(Changes(None), "en", 2) == "What has changed since the beginning\n  nothing"


def test_markdown_takes_no_name_for_markup() -> None:
    assert "- new: \\<b\\>\\_Gil\\_\\</b\\>, 1 photo\n" in as_markdown(MANY, "en")
    assert as_markdown(Changes(None), "en") == "## What has changed since the beginning\n\nnothing"


def test_a_feed_is_atom_with_an_entry_a_day_that_keeps_its_id() -> None:
    days = {date(2026, 11, 30): MANY, date(2026, 11, 29): Changes(NOON - timedelta(days=1), came={"Ada": 1})}
    feeds = [ElementTree.fromstring(as_feed(days, "1f", language)) for language in LANGUAGES]
    for feed in feeds:
        assert [child.tag.removeprefix(ATOM) for child in feed][:4] == ["id", "title", "updated", "author"]
        assert feed.findtext(ATOM + "updated") == NOON.isoformat()
        entries = feed.findall(ATOM + "entry")
        assert all(UUID(str(one.findtext(ATOM + "id")).removeprefix("urn:uuid:")) for one in (feed, *entries))
        assert "\ufffdFlo" in str(entries[0].findtext(ATOM + "content")), "what XML cannot have"
    titles = [str(one.findtext(ATOM + "title")) for one in feeds[0].iter(ATOM + "entry")]
    assert titles == ["2026-11-30: new: Nora, 3 photos; and 8 more", "2026-11-29: new: Ada, 1 photo"]
    later = ElementTree.fromstring(as_feed(dict(list(days.items())[1:]), "1f", "en"))
    assert later.findtext(f"{ATOM}entry/{ATOM}id") == feeds[0].findall(f"{ATOM}entry/{ATOM}id")[1].text
    assert ElementTree.fromstring(as_feed({}, "1f", "en")).findall(ATOM + "entry") == []


def test_the_command_writes_each_form(gallery: Gallery, tmp_path: Path) -> None:
    def told(*more: str) -> str:
        words = ["changes", "--gallery", str(tmp_path / "gallery"), *more]
        return CliRunner().invoke(commands, words, catch_exceptions=False).output

    assert "  new: José, 3 photos\n" in told()
    assert "- new: José, 3 photos\n" in told("--since", "yesterday", "--format", "markdown")
    assert "José" in str(ElementTree.fromstring(told("--format", "atom").encode()).findtext(f".//{ATOM}content"))
    assert json.loads(told("--json", "--since", "1")) | {"since": ""} == Changes(None, 1).to_dict() | {"since": ""}
    assert "give a date such as" in told("--since", "soon")

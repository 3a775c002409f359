"""Feed of a report: valid Atom, ids that stay, and nobody who was forgotten."""

from __future__ import annotations

import datetime
from contextlib import closing
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pytest

from niteru.indexer.ask.rarity_in_words import LANGUAGES
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.report_folder import origin_of
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.serve.http.app import create_app
from niteru.serve.report import report as report_module
from niteru.serve.report.feed import file_of, pair_address, write_feeds
from niteru.serve.report.news import Item, with_told
from niteru.serve.report.report import Wanted, write_report
from support.drawn import DrawnFolder

ATOM = "{http://www.w3.org/2005/Atom}"


def feed_of(folder: Path, name: str = "feed.atom") -> ElementTree.Element:
    return ElementTree.parse(folder / name).getroot()


def text(element: ElementTree.Element, tag: str) -> str:
    found = element.findall(ATOM + tag)
    assert len(found) == 1, f"one {tag}, of {len(found)}"
    return str(found[0].text)


def check_atom(feed: ElementTree.Element) -> list[ElementTree.Element]:
    """What RFC 4287 demands of a feed (4.1.1) and of each entry (4.1.2); its entries."""
    assert feed.tag == ATOM + "feed"
    assert feed.findtext(f"{ATOM}author/{ATOM}name"), "or each entry would need an author"
    assert [link.get("rel") for link in feed.findall(ATOM + "link")] == ["self", "alternate"]
    entries = feed.findall(ATOM + "entry")
    for element in (feed, *entries):
        assert UUID(text(element, "id").removeprefix("urn:uuid:"))
        assert text(element, "title")
        assert datetime.datetime.fromisoformat(text(element, "updated")).tzinfo
    for entry in entries:
        assert text(entry, "content")
        assert [link.get("rel") for link in entry.findall(ATOM + "link")] == ["alternate"]
    assert len({text(entry, "id") for entry in entries}) == len(entries)
    return entries


NEWS = [
    Item("alike", ["Ada & Bo", "Cy/Di"], "2026-11-30", 0.0004, "sure"),
    Item("gone", ["Ed", "\x07Flo"], "2026-11-29"),
    Item("came", ["小雪"], "2026-11-28"),
    Item("left", ["<b>Gil</b>"], "2026-11-28"),
]


def test_it_is_atom_in_every_language_with_names_and_no_pictures(tmp_path: Path) -> None:
    write_feeds(tmp_path, NEWS, "2026-12-01", "a series")
    titles = {}
    for language in LANGUAGES:
        feed = feed_of(tmp_path, file_of(language))
        entries = check_atom(feed)
        assert text(feed, "updated") == "2026-11-30T00:00:00Z", "of the newest entry, not of the report"
        titles[language] = [text(entry, "title") for entry in entries]
        assert "img" not in (tmp_path / file_of(language)).read_text(encoding="utf-8")
    assert titles["en"][0] == "Ada & Bo and Cy/Di look alike"
    assert titles["en"][1:] == [
        "Ed and �Flo are no longer rarely alike",
        "小雪 is new here",
        "<b>Gil</b> is no longer here",
    ]
    assert titles["ja"][2] == "小雪 さんが新しく加わりました"
    assert titles["zh-Hant"][2] == "小雪 新加入了"
    first = feed_of(tmp_path).find(ATOM + "entry")
    assert first.find(ATOM + "link").get("href") == "index.html#pair-Ada%20%26%20Bo/Cy%2FDi"
    assert pair_address("Ada & Bo", "Cy/Di") == "pair-Ada%20%26%20Bo/Cy%2FDi"
    assert text(first, "content") == "1 pair in 2,500 is this alike"


def test_ids_are_of_the_gallery_what_was_asked_and_the_people(tmp_path: Path) -> None:
    ids = []
    for folder, series, date in (("one", "a", "2026-12-01"), ("two", "a", "2027-01-01"), ("three", "b", "2026-12-01")):
        (tmp_path / folder).mkdir()
        write_feeds(tmp_path / folder, NEWS, date, series)
        feed = feed_of(tmp_path / folder)
        ids.append([text(one, "id") for one in (feed, *feed.findall(ATOM + "entry"))])
    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


def test_what_was_told_stays_as_long_as_it_holds() -> None:
    told = [
        Item("alike", ["Ada", "Bo"], "2026-11-01", 0.004, "sure"),
        Item("alike", ["Cy", "Di"], "2026-11-02", 0.003, "sure"),
        Item("alike", ["Ed", "Flo"], "2026-11-03", 0.003, "sure"),
        Item("left", ["Hal"], "2026-11-04"),
    ]
    new = [Item("alike", ["Ada", "Bo"], "2026-12-01", 0.002, "sure"), Item("gone", ["Cy", "Di"], "2026-12-01")]
    kept = with_told(new, told, {"Ada", "Bo", "Cy", "Di", "Ed"})
    assert [(one.kind, one.people, one.date) for one in kept] == [
        ("gone", ["Cy", "Di"], "2026-12-01"),
        ("alike", ["Ada", "Bo"], "2026-11-01"),
    ], "Flo and Hal are not there, and Cy and Di are not alike any more"


@pytest.fixture
def grown(tmp_path: Path, faces: DrawnFolder) -> tuple[Path, str]:
    """Root of a gallery with a report from before a person came, and one from after; and the person."""
    (faces.folder / faces.names[0]).rename(tmp_path / "away")
    for _ in range(2):
        update(tmp_path / "gallery", faces.folder, crops=True)
        with closing(Gallery(tmp_path / "gallery")) as gallery:
            write_report(gallery, tmp_path / "report", Wanted(k=3))
        if (tmp_path / "away").exists():
            (tmp_path / "away").rename(faces.folder / faces.names[0])
    return tmp_path, faces.names[0]


def test_it_grows_from_report_to_report_and_forgets_whom_the_gallery_forgets(
    grown: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, name = grown
    entries = check_atom(feed_of(root / "report"))
    assert f"{name} is new here" in [text(entry, "title") for entry in entries]
    assert all(name in text(entry, "title") for entry in entries), "everything new is about who came"

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return datetime.datetime(2099, 1, 1, tzinfo=tz)

    monkeypatch.setattr(report_module, "datetime", Later)
    with closing(Gallery(root / "gallery")) as gallery:
        write_report(gallery, root / "report", Wanted(k=3))
    again = check_atom(feed_of(root / "report"))
    for tag in ("id", "title", "updated"):
        assert [text(one, tag) for one in again] == [text(one, tag) for one in entries], "nothing is new"
    served = create_app({"GALLERY": str(root / "gallery"), "REPORT": str(root / "report")}).test_client()
    for language in LANGUAGES:
        answer = served.get(f"/report/{file_of(language)}", buffered=True)
        assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
        assert f'hreflang="{language}"' in served.get("/report/", buffered=True).text
    # A report that nobody could remove, for it was elsewhere, is back in its place.
    (root / "report").rename(root.parent / "elsewhere-report")
    forget(root / "gallery", name)
    (root.parent / "elsewhere-report").rename(root / "report")
    assert origin_of(root / "report") is not None
    with closing(Gallery(root / "gallery")) as gallery:
        write_report(gallery, root / "report", Wanted(k=3))
    for file in (root / "report").rglob("*"):
        assert not file.is_file() or name.encode() not in file.read_bytes(), file
    assert check_atom(feed_of(root / "report")) == []


def test_an_anonymous_report_has_none(gallery: Gallery, tmp_path: Path) -> None:
    folder = write_report(gallery, tmp_path / "report", Wanted(anonymise=True)).parent
    assert not list(folder.glob("*.atom"))
    assert "atom" not in (folder / "index.html").read_text(encoding="utf-8").split("</head>")[0].split("</style>")[0]

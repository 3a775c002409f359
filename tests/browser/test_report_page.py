"""The report in a real browser: from a disk and served, in three languages, by keyboard, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from niteru.engine.drawn import draw, person
from niteru.engine.embedding.regions import PARTS
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.serve.report.page import CHUNK
from niteru.serve.report.report import Wanted, write_report
from support.browser import keep, pictures_come, serious, served
from support.drawn import write_image
from support.people import crowd, gallery_of

PEOPLE = [person(number).name for number in range(6)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a gallery of photographs, its report, of which one person is news, and an anonymous one."""
    root = tmp_path_factory.mktemp("reported")
    for count in (5, 6):
        for number in range(count):
            for photo in range(2):
                write_image(root / "faces" / PEOPLE[number] / f"{photo}.png", draw(person(number), photo).image)
        update(root / "gallery", root / "faces")
        with closing(Gallery(root / "gallery")) as gallery:
            write_report(gallery, root / "report")
    with closing(Gallery(root / "gallery")) as gallery:
        write_report(gallery, root / "hidden", Wanted(anonymise=True))
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with served(root, "--report", str(root / "report")) as address:
        yield f"{address}/report/"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a report of more people than come with the page."""
    folder = tmp_path_factory.mktemp("many")
    people = [one for one in crowd(people=3 * CHUNK) if one[1] < "2"]
    with closing(gallery_of(folder / "gallery", people)) as gallery:
        return write_report(gallery, folder / "report").as_uri()


def test_it_opens_from_a_disk_and_asks_nobody(page: Page, root: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((root / "report" / "index.html").as_uri())
    assert page.locator(".row").count() == len(PEOPLE)
    pictures_come(page, "#most-alike img")
    page.locator("#search").fill(PEOPLE[0][:3])
    expect(page.locator(".row:visible")).to_have_count(1)
    page.locator("#search").fill("")
    expect(page.locator(".row:visible")).to_have_count(len(PEOPLE))
    expect(page.locator("#new")).to_contain_text(PEOPLE[5])
    expect(page.locator("#home")).to_be_hidden()
    assert {url.split(":")[0] for url in asked} == {"file"}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious(page) == []
    keep(page, "report")


def test_a_pair_opens_large_with_an_address_and_back_closes_it(page: Page, root: Path) -> None:
    report = (root / "report" / "index.html").as_uri()
    page.goto(report)
    first, dialog = page.locator("#most-alike a.pair").first, page.locator("#pair")
    first.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    assert page.evaluate("location.hash") == first.get_attribute("href")
    pictures_come(page, "#pair img")
    assert dialog.locator("img").first.evaluate("image => image.naturalWidth") > 112, "sharper than a crop"
    for veil in dialog.locator(".tint").all():
        parts = veil.evaluate("veil => [...veil.children].map(one => [one.dataset.part, +one.getAttribute('opacity')])")
        assert {part for part, _ in parts} == set(PARTS)
        assert max(opacity for _, opacity in parts) == 1
    expect(dialog.locator("#verdict")).to_contain_text("is this alike")
    expect(dialog.locator("#service")).to_be_hidden()
    assert serious(page) == []
    keep(page, "report-pair")
    title = dialog.locator("h2").inner_text()
    page.keyboard.press("ArrowRight")
    expect(dialog.locator("h2")).not_to_have_text(title)
    other = page.url
    page.keyboard.press("ArrowLeft")
    expect(dialog.locator("h2")).to_have_text(title)
    page.go_back()
    expect(dialog).to_be_hidden()
    again = page.locator(f'.row a.pair[href="{first.get_attribute("href")}"]')
    again.click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(again).to_be_focused()
    page.wait_for_url(lambda url: "#" not in url)
    first.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(first).to_be_focused()
    page.wait_for_url(lambda url: "#" not in url)
    page.goto("about:blank")
    page.goto(other)
    expect(dialog).to_be_visible()
    page.locator("#shut").click()
    expect(dialog).to_be_hidden()
    assert page.url.startswith(report), "there was nowhere to go back to"


def test_served_it_leads_to_the_search_page_and_back(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#home")).to_be_visible()
    page.locator("#most-alike a.pair").first.click()
    dialog = page.locator("#pair")
    expect(dialog.locator("#open")).to_be_visible()
    names = dialog.locator("figcaption > :first-child").all_inner_texts()
    expect(dialog.locator("figcaption .small").first).to_have_text(f"Who looks like ⁨{names[0]}⁩?")
    card = dialog.locator("#card").get_attribute("href")
    assert parse_qs(urlsplit(card).query) == {
        "person": [names[0]],
        "other": [names[1]],
        "format": ["square"],
        "language": ["en"],
    }
    picture = page.request.get(f"{address}{card}")
    assert picture.headers["content-type"] == "image/png"
    dialog.locator("#open").click()
    page.wait_for_url(re.compile(r"/#/pair/"))
    expect(page.locator("#compared")).to_contain_text(names[0])
    page.go_back()
    expect(dialog).to_be_visible()
    dialog.locator("figcaption .small").last.click()
    page.wait_for_url(re.compile(r"/#/person/"))
    page.go_back()
    page.keyboard.press("Escape")
    page.locator(".wordmark").click()
    expect(page.locator("#people li").first).to_be_visible()


def test_it_speaks_the_visitor_s_language_and_others(browser: Browser, root: Path) -> None:
    with closing(browser.new_context(locale="ja-JP")) as context:
        page = context.new_page()
        page.goto((root / "report" / "index.html").as_uri())
        for language, title, people, sure in (
            ("ja", "誰が誰に似ている？", "6 人", "確か"),
            ("zh-Hant", "誰長得像誰？", "6 人", "每"),
            ("en", "Who looks like whom", "6 people", "pair in"),
        ):
            expect(page.locator("h1")).to_have_text(title)
            assert page.evaluate("document.documentElement.lang") == language
            expect(page.locator(".lead")).to_contain_text(people)
            expect(page.locator(".lead time")).to_contain_text(re.compile("年.*月" if language != "en" else ", 20"))
            expect(page.locator(".row .near a").first).to_contain_text(sure)
            assert f"feed{'' if language == 'en' else f'.{language}'}.atom" in page.locator("#follow").get_attribute(
                "href"
            )
            assert page.locator("[data-say]:empty").count() == 0
            page.locator("a.pair").first.click()
            expect(page.locator("#verdict")).not_to_be_empty()
            page.keyboard.press("Escape")
            following = {"ja": "zh-Hant", "zh-Hant": "en"}.get(language)
            if following:
                page.select_option("#language", following)


def test_without_javascript_it_can_be_read(browser: Browser, root: Path) -> None:
    with closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto((root / "report" / "index.html").as_uri())
        expect(page.locator("h1")).to_have_text("Who looks like whom")
        expect(page.locator(".row .near a").first).to_contain_text("is this alike")
        expect(page.locator("#tools")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 820, 1440])
def test_it_fits_every_screen_and_nothing_moves(page: Page, root: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(
        "window.moved = 0;"
        "new PerformanceObserver(seen => { for (const one of seen.getEntries()) window.moved += one.value; })"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto((root / "report" / "index.html").as_uri())
    pictures_come(page, "#new img")
    page.mouse.wheel(0, 3000)
    expect(page.locator(".row").first).to_be_attached()
    pictures_come(page, "#most-alike li img")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.moved") < 0.02
    page.locator("#most-alike a.pair").first.click()
    box = page.locator("#pair").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    keep(page, f"report-{width}")


def test_rows_come_as_they_are_scrolled_to_searched_for_or_pointed_at(page: Page, many: str) -> None:
    page.goto(many)
    assert page.locator(".row").count() == CHUNK, "the others are far away"
    page.locator("#search").fill("p149")
    expect(page.locator(".row:visible")).to_have_count(1)
    expect(page.locator(".row:visible h3")).to_have_text("P149")
    page.locator("#search").fill("nobody")
    expect(page.locator("#hits")).to_have_text("Nobody here has this name, and no table says it of anybody.")
    page.locator("#search").fill("")
    expect(page.locator(".row:visible")).to_have_count(2 * CHUNK)
    place = page.locator('.map a[title="P075"]')
    place.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    place.click()
    expect(page.locator("#p75")).to_be_in_viewport()
    expect(page.locator("#p75 h3")).to_have_text("P075")
    expect(page.locator(".row")).to_have_count(3 * CHUNK)
    page.locator("#back").click()
    page.wait_for_function("before => Math.abs(scrollY - before) < 60", arg=before)
    expect(page.locator("#back")).to_be_hidden()
    assert serious(page) == []


def test_the_address_of_a_pair_far_down_loads_its_row(page: Page, many: str, root: Path) -> None:
    page.goto(many)
    page.locator("#search").fill("p140")
    link = page.locator(".row:visible .near a").first
    expect(link).to_be_visible()
    one, other = re.fullmatch("#pair-(.*)/(.*)", str(link.get_attribute("href"))).groups()
    for hash_ in (f"#pair-{one}/{other}", f"#pair-{other}/{one}"):
        page.goto("about:blank")
        page.goto(many + hash_)
        expect(page.locator("#pair h2")).to_contain_text(one)
        expect(page.locator("#pair h2")).to_contain_text(other)


def test_who_has_no_row_is_told_of(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niteru.serve.report.report.SHOWN_PEOPLE", CHUNK + 5)
    people = [one for one in crowd(people=2 * CHUNK) if one[1] < "1"]
    with closing(gallery_of(tmp_path / "gallery", people)) as gallery:
        page.goto(write_report(gallery, tmp_path / "report").as_uri())
    page.locator("#search").fill("p57")
    expect(page.locator("#hits")).to_have_text(
        "1 without a row here: \u2068P57\u2069; pairs.csv says whom they are like"
    )
    page.locator("#search").fill("p5")
    expect(page.locator("#hits")).to_contain_text("5 people found · 5 without a row here: \u2068P55\u2069, ")
    expect(page.locator(".row:visible")).to_have_count(5)
    page.locator("#search").fill("q")
    expect(page.locator("#hits")).to_have_text("Nobody here has this name, and no table says it of anybody.")


def test_it_is_printed_whole(page: Page, many: str) -> None:
    page.add_init_script("window.print = () => { window.printed = document.querySelectorAll('.row').length }")
    page.goto(many)
    page.locator("#print").click()
    page.wait_for_function("count => window.printed === count", arg=3 * CHUNK)
    page.emulate_media(media="print")
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator("#tools")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_of_an_anonymous_one_nobody_is_asked_about(page: Page, root: Path) -> None:
    with served(root, "--report", str(root / "hidden")) as address:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/report/")
        page.locator("a.pair").first.click()
        pictures_come(page, "#pair img")
        expect(page.locator("#home")).to_be_attached()
        expect(page.locator("#service")).to_be_hidden()
        assert not [url for url in asked if "portrait" in url]
        assert serious(page) == []
        keep(page, "report-anonymous")

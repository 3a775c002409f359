"""The page "Who is this?" in a real browser: nameless faces get names, by few keys, and every step can be undone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from bench.naming_on_page import KEY, Namer, make_nameless, naming_page, outcome, truth_of
from niteru.indexer.storage.local.lock import gallery_lock
from niteru.indexer.update.enrol import update
from niteru.indexer.update.naming import name, say
from niteru.serve.keys.key import Right, new_key
from niteru.serve.keys.key_file import KeyFile
from support.command import start
from support.drawings import draw_folder
from support.nameless import nameless_gallery

PEOPLE, PHOTOS = 12, 4
expect.set_options(timeout=60_000)  # the machine may be busy


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("nameless")
    nameless_gallery(root / "gallery", PEOPLE, PHOTOS)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "gallery", tmp_path / "gallery")
    return tmp_path


@pytest.fixture
def address(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    process, address = start(root / "gallery", root / "log")
    yield address
    process.terminate()
    process.wait(30)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, which must log no errors but those of the service that it tells in words."""
    complaints: list[str] = []
    with naming_page(browser, address, viewport={"width": 1100, "height": 900}) as page:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []


def expect_named(page: Page, faces: int) -> None:
    expect(page.locator("#done")).to_have_text(f"{faces} of {PEOPLE * PHOTOS} faces have a name")


def settled(page: Page) -> None:
    page.wait_for_function("() => window.isOpen && !isUnderWay()")


def test_from_nameless_photos_to_right_names(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_folder(tmp_path / "faces", PEOPLE, PHOTOS)
    whose = make_nameless(tmp_path / "faces", tmp_path / "photos")
    update(tmp_path / "gallery", tmp_path / "photos")
    update(tmp_path / "named", tmp_path / "faces")
    truth = truth_of(tmp_path / "gallery", tmp_path / "named", whose)
    monkeypatch.setenv("NITERU_API_KEY", KEY)
    process, address = start(tmp_path / "gallery", tmp_path / "log")
    try:
        with naming_page(browser, address) as page:
            namer = Namer(page, truth)
            namer.name_everybody()
            expect(page.locator("#end")).to_be_visible()
            assert serious(page) == []
    finally:
        process.terminate()
        assert process.wait(30) == 0
    found = outcome(tmp_path / "gallery", truth)
    assert (found["people"], found["faces_wrong"]) == (PEOPLE, 0)
    assert namer.keys + namer.clicks <= 2 * PEOPLE


def test_a_name_is_completed_and_the_next_pile_comes(page: Page) -> None:
    field = page.locator("#name")
    expect(field).to_be_focused()
    page.keyboard.type("Ada Lovelace")
    page.keyboard.press("Enter")
    expect(page.locator("#which")).to_have_text("Unnamed 2")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect_named(page, PHOTOS)
    page.keyboard.type("lov")
    option = page.get_by_role("option", name="Ada Lovelace")
    expect(option).to_be_visible()
    page.wait_for_function("() => document.querySelector('#names img').naturalWidth > 0")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#which")).to_have_text("Unnamed 3")
    page.keyboard.type("ADA LOVELACE")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Ada Lovelace")
    settled(page)
    page.reload()
    expect_named(page, 3 * PHOTOS)
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 3)


def test_every_step_is_undone(page: Page) -> None:
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    page.locator("#nobody").click()
    page.locator("#noface").click()
    settled(page)
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 3)
    for left, back in ((PEOPLE - 2, 3), (PEOPLE - 1, 2), (PEOPLE, 1)):
        page.keyboard.press("Control+z")
        expect(page.locator("#piles li")).to_have_count(left)
        expect(page.locator("#which")).to_have_text(f"Unnamed {back}")
    page.locator("#undo").click()
    expect(page.locator("#status")).to_contain_text("There is nothing to take back")
    page.locator("#name").fill("Adam")
    page.keyboard.press("Control+z")
    settled(page)
    expect(page.locator("#name")).to_have_value("")
    expect(page.locator("#piles li")).to_have_count(PEOPLE)


def test_piles_are_put_together_by_keyboard_and_by_mouse(page: Page) -> None:
    page.locator("#piles button").nth(4).focus()
    page.keyboard.press("m")
    expect(page.locator("#status")).to_contain_text("the same person as \u2068Unnamed 5\u2069")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#which")).to_have_text("Unnamed 1")
    expect(page.locator("#many")).to_contain_text(f"{2 * PHOTOS} faces")
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 1)
    page.locator("#piles li").nth(3).drag_to(page.locator("#piles li").nth(1))
    expect(page.locator("#which")).to_have_text("Unnamed 2")
    expect(page.locator("#many")).to_contain_text(f"{2 * PHOTOS} faces in {2 * PHOTOS} photos")
    page.locator("#merge").click()
    page.keyboard.press("Escape")
    expect(page.locator("#status")).to_have_text("")
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 2)
    for left in (PEOPLE - 1, PEOPLE):
        page.locator("#undo").click()
        expect(page.locator("#piles li")).to_have_count(left)


def test_faces_are_taken_out_of_a_pile(page: Page) -> None:
    page.locator("#open").click()
    boxes = page.locator("#every input")
    expect(boxes).to_have_count(PHOTOS)
    page.locator("#split").click()
    expect(page.locator("#said")).to_have_text("Mark some faces first.")
    boxes.nth(0).click()
    boxes.nth(1).click(modifiers=["Shift"])
    page.locator("#split").click()
    expect(boxes).to_have_count(PHOTOS - 2)
    expect(page.locator("#said")).to_contain_text(f"Unnamed {PEOPLE + 1}")
    boxes.nth(0).click()
    page.locator("#whose").fill("Bo")
    page.keyboard.press("Enter")
    expect(boxes).to_have_count(PHOTOS - 3)
    boxes.nth(0).click()
    page.locator("#notface").click()
    expect(page.locator("#pile")).to_be_hidden()
    expect(page.locator("#piles li")).to_have_count(PEOPLE)
    for _ in range(3):
        page.locator("#undo").click()
        settled(page)
    expect_named(page, 0)
    expect(page.locator("#piles li")).to_have_count(PEOPLE)


def test_a_suggestion_is_confirmed_or_refused_by_one_key(page: Page) -> None:
    page.locator("#open").click()
    for place in (0, 1):
        page.locator("#every input").nth(place).click()
    page.locator("#split").click()
    expect(page.locator("#every input")).to_have_count(PHOTOS - 2)
    page.keyboard.press("Escape")
    half = page.locator("#piles button", has_text="?").last
    half.click()
    expect(page.locator("#perhaps")).to_contain_text("The same person as")
    page.keyboard.press("Escape")
    expect(page.locator("#guess")).to_be_hidden()
    page.evaluate("localStorage.clear()")
    page.reload()
    page.locator("#piles button", has_text="?").last.click()
    expect(page.locator("#guess")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Put together with")
    expect(page.locator("#piles li")).to_have_count(PEOPLE)


def test_suggestions_follow_a_pile_that_is_done(page: Page) -> None:
    """Before anything is read again: piles 2 to 4 are each said to be perhaps the first."""
    page.route("**/groups?*", lambda route: route.abort())
    page.evaluate(
        "piles.slice(1, 4).forEach((pile) => { pile.perhaps = { person: 'unnamed 1', group: 1, similarity: 1 } });"
        " refuse(3, 'unnamed 1'); mergePiles(pileOf(1), 2)"
    )
    perhaps = "[2, 3, 4].map((number) => pileOf(number).perhaps?.person ?? null)"
    assert page.evaluate(perhaps) == [None, "unnamed 2", "unnamed 2"]
    page.evaluate("namePile(pileOf(2), 'Ada')")
    assert page.evaluate("[3, 4].map((number) => suggestion(pileOf(number))?.person ?? null)") == [None, "Ada"]
    page.evaluate(
        "pileOf(5).perhaps = { person: 'unnamed 6', group: 6, similarity: 1 }; setPileAside(pileOf(6), 'nobody')"
    )
    assert page.evaluate("pileOf(5).perhaps") is None
    settled(page)


def test_a_pile_that_another_page_named_says_so_and_goes(page: Page, root: Path) -> None:
    say(root / "gallery", name(["unnamed 1"], "Ada"), publish=False)
    page.keyboard.type("Bo")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Somebody has named this pile meanwhile")
    expect_named(page, PHOTOS)
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 1)


def test_a_busy_gallery_is_waited_for(page: Page, root: Path) -> None:
    with gallery_lock(root / "gallery"):
        page.keyboard.type("Ada")
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text("tried again")
        page.keyboard.type("Bo")
        page.keyboard.press("Enter")
        expect(page.locator("#which")).to_have_text("Unnamed 3")
    settled(page)
    page.reload()
    expect_named(page, 2 * PHOTOS)


def test_what_was_read_before_a_step_is_not_shown_after_it(page: Page) -> None:
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/groups?limit=*", lambda route: route.continue_() if held else held.append((route, route.fetch())))
    page.evaluate("void refresh()")
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    settled(page)
    route, early = held[0]
    assert len(early.json()["groups"]) == PEOPLE
    route.fulfill(response=early)
    page.evaluate("new Promise((then) => setTimeout(then, 300))")
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 1)
    expect(page.locator("#which")).to_have_text("Unnamed 2")


def test_what_is_read_while_a_step_is_under_way_is_not_shown(page: Page) -> None:
    held: list[Route] = []
    page.route("**/names", lambda route: held.append(route))
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    page.evaluate("refresh()")
    expect(page.locator("#which")).to_have_text("Unnamed 2")
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 1)
    held[0].continue_()
    settled(page)
    page.evaluate("refresh()")
    expect_named(page, PHOTOS)
    expect(page.locator("#piles li")).to_have_count(PEOPLE - 1)


def test_a_pile_far_down_the_list_stays_in_focus(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.route("**/groups?limit=*", lambda route: route.continue_(url=route.request.url.partition("=")[0] + "=3"))
    page.goto(f"{address}/who-is-this#9")
    expect(page.locator("#which")).to_have_text("Unnamed 9")
    page.keyboard.type("Ad")
    page.evaluate("refresh()")
    expect(page.locator("#which")).to_have_text("Unnamed 9")
    expect(page.locator("#name")).to_have_value("Ad")


def test_without_the_key_it_says_where_to_find_it(browser: Browser, address: str) -> None:
    with naming_page(browser, address, key="") as page:
        expect(page.locator("#keyless")).to_contain_text("open the address with the key")
        page.keyboard.type("Ada")
        page.keyboard.press("Enter")
        expect(page.locator("#which")).to_have_text("Unnamed 1")


@pytest.mark.parametrize("right", [Right.READ, Right.WRITE])
def test_a_key_of_ones_own_gives_names_if_it_may(browser: Browser, root: Path, address: str, right: Right) -> None:
    key, text = new_key("visitor", [right])
    KeyFile(root / "gallery" / "keys.json").add(key)
    with naming_page(browser, address, key=text) as page:
        expect(page.locator("#keyless")).to_be_visible(visible=right == Right.READ)
        page.keyboard.type("Ada")
        page.keyboard.press("Enter")
        expect(page.locator("#which")).to_have_text("Unnamed 1" if right == Right.READ else "Unnamed 2")


def test_answers_lead_to_a_pile_and_the_home_page_to_all(page: Page, address: str) -> None:
    page.goto(address)
    page.select_option("#language", "ja")
    expect(page.locator("#groups")).to_contain_text(f"（{PEOPLE}）")
    page.select_option("#language", "en")
    page.goto(f"{address}/#/person/unnamed 3")
    expect(page.locator("#whose")).to_contain_text("Unnamed 3")
    link = page.locator("#name a")
    expect(link).to_contain_text("Unnamed")
    number = link.get_attribute("href").rpartition("#")[2]
    link.click()
    expect(page.locator("#which")).to_have_text(f"Unnamed {number}")


def test_it_speaks_three_languages(page: Page) -> None:
    for language, words in (("ja", "名前のない人 1"), ("zh-Hant", "未命名 1"), ("en", "Unnamed 1")):
        page.select_option("#language", language)
        expect(page.locator("#which")).to_have_text(words)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nobody_is_shut_out(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 740})
    assert serious(page) == []
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    page.keyboard.type("A")
    expect(page.locator("#names li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    assert serious(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#open").click()
    expect(page.locator("#every input")).to_have_count(PHOTOS)
    page.locator("#every input").first.click()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def serious(page: Page) -> list[str]:
    """Accessibility problems that axe calls serious or critical."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]

"""The page in a real browser: ask with a photo, ask with a person, on a phone, by keyboard."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import start, write_image
from playwright.sync_api import Page, expect, sync_playwright

from indexer.enrol import update
from indexer.gallery import Gallery
from serve.report import write_report

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def root(tmp_path_factory, drawn_crops) -> Path:
    root = tmp_path_factory.mktemp("page")
    for name, crops in drawn_crops.items():
        for number, crop in enumerate(crops, start=1):
            write_image(root / "faces" / name / f"{number}.png", crop)
    update(root / "gallery", root / "faces", crops=True)
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    process, address = start(root / "gallery", root / "log")
    yield address
    process.terminate()
    process.wait(15)


@pytest.fixture
def page() -> Iterator[Page]:
    """A fresh page that must not complain."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        yield page
        browser.close()
    assert not [said for said in complaints if "415" not in said]


def keep(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_a_photo_is_answered_with_people(page: Page, address: str, root: Path, drawn_crops) -> None:
    name = list(drawn_crops)[2]
    page.goto(address)
    page.set_input_files("#photo", root / "faces" / name / "1.png")
    cards = page.locator("section:not([hidden]) .people li")
    expect(cards).to_have_count(len(drawn_crops))
    assert name in cards.first.inner_text()
    assert "% of pairs" in cards.last.inner_text()
    assert page.locator(".people img").evaluate_all("all => all.every(i => i.complete && i.naturalWidth > 0)")
    keep(page, "answer")


def test_a_person_is_answered_by_keyboard(page: Page, address: str, drawn_crops) -> None:
    page.goto(address)
    button = page.locator(".names button").first
    button.focus()
    name = button.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("section:not([hidden]) .people li")).to_have_count(len(drawn_crops) - 1)
    assert name not in page.locator("#results").inner_text()


def test_what_is_no_picture_is_told_in_words(page: Page, address: str, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("not a picture")
    page.goto(address)
    page.set_input_files("#photo", tmp_path / "note.jpg")
    expect(page.locator("#status")).to_contain_text("Not a picture of a known type")


def test_a_phone_needs_no_sideways_scrolling(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address)
    page.locator(".names button").first.click()
    expect(page.locator("#results li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keep(page, "phone")


def test_the_report_opens_from_disk(page: Page, root: Path, drawn_crops) -> None:
    gallery = Gallery(root / "gallery")
    report = write_report(gallery, root / "report")
    gallery.close()
    page.goto(report.as_uri())
    assert page.locator(".row").count() == len(drawn_crops)
    page.locator(".row").last.scroll_into_view_if_needed()
    keep(page, "report")

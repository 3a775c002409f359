"""Every view at four widths, in light and dark and in three languages: a sheet for each view, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from niteru.engine.drawn import draw, person
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.serve.report.report import write_report
from support.browser import PICTURES, served
from support.drawings import draw_folder
from support.drawn import write_image

PEOPLE, PHOTOS, NAMELESS = 10, 2, 3
KEY = "a-key-of-sixteen-letters"
WIDTHS = {320: 640, 390: 844, 820: 1180, 1440: 900}
LOOKS = (
    *((320, "en", "light"), (390, "ja", "dark"), (820, "zh-Hant", "light"), (1440, "en", "dark")),
    *((320, "ja", "dark"), (390, "zh-Hant", "light"), (820, "en", "dark"), (1440, "ja", "light")),
)
SHEET_HEIGHT = 640


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("states")
    draw_folder(root / "faces", PEOPLE, PHOTOS)
    for number in range(NAMELESS):
        for photo in range(PHOTOS):
            write_image(root / "faces" / f"{number}-{photo}.png", draw(person(40 + number), photo).image)
    update(root / "gallery", root / "faces")
    with closing(Gallery(root / "gallery")) as gallery:
        write_report(gallery, root / "report")
    write_image(root / "two.png", np.hstack([cv2.resize(draw(person(one), 3).image, (480, 600)) for one in (0, 3)]))
    write_image(root / "none.png", np.full((300, 300, 3), 120, np.uint8))
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with served(root, "--report", str(root / "report"), key=KEY) as address:
        yield address


def views(page: Page, address: str, root: Path) -> Iterator[str]:
    """Bring up one view after the other; yields their names."""
    one, other = (quote(person(number).name) for number in (0, 1))
    page.goto(address)
    expect(page.locator("#strip li").first).to_be_visible()
    yield "home"
    page.locator("#search").fill("no such name")
    yield "nobody-found"
    page.set_input_files("#photo", root / "two.png")
    expect(page.locator("#first .tint rect").first).to_be_attached()
    yield "answer"
    page.set_input_files("#photo", root / "none.png")
    expect(page.locator("#status")).not_to_be_empty()
    yield "no-face"
    page.goto(f"{address}/#/pair/{one}/{other}")
    expect(page.locator("#parts dd").first).to_be_visible()
    yield "pair"
    page.locator("#both .share").click()
    expect(page.locator("#save")).to_be_visible()
    yield "share"
    page.locator("#unshare").click()
    page.goto(f"{address}/#/person/{one}")
    expect(page.locator("#photos li").first).to_be_visible()
    page.locator("#others .star").first.click()
    yield "person"
    page.locator("#inReport").scroll_into_view_if_needed()
    yield "person-in-report"
    page.locator("#photos a").first.click()
    expect(page.locator("#frames .mine")).to_be_visible()
    yield "photo"
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "/photo/" not in url)
    page.goto(f"{address}/#/which")
    page.locator("#sides button").first.click()
    yield "game"
    page.goto(f"{address}/who-is-this#key={KEY}")
    expect(page.locator("#which")).not_to_be_empty()
    yield "naming"
    page.locator("#open").click()
    yield "naming-pile"
    page.goto(f"{address}/#/person/{one}")
    page.locator("#onMap").click()
    expect(page.locator(".map a:target")).to_have_attribute("title", person(0).name)
    yield "report"


def test_nothing_is_squeezed_or_cut_off(browser: Browser, address: str, root: Path, tmp_path: Path) -> None:
    shots: dict[str, list[Path]] = {}
    for width, language, scheme in LOOKS:
        size = {"width": width, "height": WIDTHS[width]}
        context = browser.new_context(viewport=size, locale=language, color_scheme=scheme, reduced_motion="reduce")
        page = context.new_page()
        for name in views(page, address, root):
            page.wait_for_load_state("networkidle")
            shot = tmp_path / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=shot)
            shots.setdefault(name, []).append(shot)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} at {width} is {wide} wide"
        context.close()
    for name, files in shots.items():
        sheet(files).save(PICTURES / f"sheet-{name}.png")


def sheet(files: list[Path]) -> Image.Image:
    """Put pictures beside one another."""
    scaled = []
    for file in files:
        with Image.open(file) as image:
            scaled.append(image.convert("RGB").resize((image.width * SHEET_HEIGHT // image.height, SHEET_HEIGHT)))
    made = Image.new("RGB", (sum(one.width + 12 for one in scaled), SHEET_HEIGHT), "#888")
    left = 0
    for one in scaled:
        made.paste(one, (left, 0))
        left += one.width + 12
    return made

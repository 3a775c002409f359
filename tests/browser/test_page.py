"""Page in a real browser: asked with a photo, with a person, on a phone, and by keyboard."""

import csv
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import noto_cjk_sans_jp_regular
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from niteru.engine.drawn import draw, person
from niteru.engine.embedding.regions import PARTS
from niteru.engine.faces.detector import load_detector
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.serve.http.problems_in_words import PROBLEMS_IN_WORDS
from niteru.serve.http.statuses import types_by_status
from support.command import start
from support.drawn import DrawnFolder, write_image
from support.tables import write_table

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


@pytest.fixture(scope="module")
def fonts(tmp_path_factory) -> Path:
    """Folder with a font for Chinese and Japanese, so that the screenshots show no boxes."""
    home = tmp_path_factory.mktemp("home")
    (home / "fonts").symlink_to(Path(noto_cjk_sans_jp_regular.__file__).parent)
    return home


@pytest.fixture
def page(fonts: Path) -> Iterator[Page]:
    """Fresh page that must log no errors."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        letters = {**os.environ, "XDG_DATA_HOME": str(fonts)}
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET, env=letters)
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()
    refused = ("400", "404", "415", "422")  # by the service, which the page tells in words
    assert not [complaint for complaint in complaints if not any(status in complaint for status in refused)]


def pictures_come(page: Page, which: str) -> None:
    page.wait_for_function(
        "which => [...document.querySelectorAll(which)].every(i => i.complete && i.naturalWidth > 0)", arg=which
    )


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
    assert "is this alike" in cards.last.inner_text()
    pictures_come(page, ".people img")
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
    for language, sentences in by_language("unsupported-type").items():
        page.select_option("#language", language)
        expect(page.locator("#status")).to_have_text(sentences)


def by_language(name: str) -> dict[str, str]:
    return {str(language): sentence for language, sentence in PROBLEMS_IN_WORDS[name].items()}


def test_every_problem_is_told_in_the_page_s_language(page: Page, address: str) -> None:
    page.goto(address)
    for name in {name for types in types_by_status().values() for name in types}:
        for language, sentence in by_language(name).items():
            page.select_option("#language", language)
            told = page.evaluate("type => problem({ type, request_id: 'abc' })", name)
            assert told == sentence.replace("{request_id}", "abc")


def test_what_a_proxy_says_instead_is_told_in_words(page: Page, address: str, root: Path, drawn_crops) -> None:
    page.route("**/similar**", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Oh</h1>"))
    page.goto(address)
    page.set_input_files("#photo", root / "faces" / next(iter(drawn_crops)) / "1.png")
    expect(page.locator("#status")).to_contain_text("No answer came that can be used")


def test_who_was_forgotten_meanwhile_leaves_the_list(page: Page, tabled: tuple[str, list[str]], tmp_path: Path) -> None:
    address, names = tabled
    page.goto(address)
    button = page.locator("#everybody .names button", has_text=names[0])
    expect(button).to_be_visible()
    assert forget(tmp_path / "gallery", names[0]).clean
    button.click()
    expect(page.locator("#status")).to_have_text(PROBLEMS_IN_WORDS["person-not-found"]["en"])
    expect(button).to_have_count(0)


def test_a_phone_needs_no_sideways_scrolling(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address)
    page.locator(".names button").first.click()
    expect(page.locator("#results li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keep(page, "phone")


def test_two_faces_are_compared_and_explained(page: Page, address: str, root: Path, drawn_crops) -> None:
    page.goto(address)
    page.set_input_files("#photo", root / "faces" / next(iter(drawn_crops)) / "2.png")
    first = page.locator("section:not([hidden]) .people li button").first
    first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#parts dd").first).to_be_visible()
    shares = [int(text.split()[0]) for text in dialog.locator("#parts dd").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert 97 <= sum(shares) <= 103
    veils = page.eval_on_selector_all(
        ".tint",
        "veils => veils.map(veil => [...veil.children].map(one => [one.dataset.part, +one.getAttribute('opacity')]))",
    )
    assert len(veils) == 2
    for veil in veils:
        assert max(opacity for _, opacity in veil) == 1
        assert {part for part, _ in veil} == set(PARTS)
    pictures_come(page, "dialog[open] img")
    keep(page, "compare")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(first).to_be_focused()
    first.press("Enter")
    dialog.locator("#onward").click()
    expect(page.locator("#whose")).to_contain_text("People who look like")


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Address of a service over whole pictures, and the folder of its gallery."""
    root = tmp_path_factory.mktemp("photographs")
    for number in range(4):
        for photo in range(2):
            write_image(root / "faces" / person(number).name / f"{photo}.png", draw(person(number), photo).image)
    update(root / "gallery", root / "faces")
    process, address = start(root / "gallery", root / "log")
    yield address, root
    process.terminate()
    process.wait(15)


def test_an_uploaded_face_is_turned_as_the_gallery_s_are(page: Page, photographs: tuple[str, Path]) -> None:
    address, root = photographs
    straight = draw(person(1), 3).image
    height, width = straight.shape[:2]
    image = cv2.warpAffine(straight, cv2.getRotationMatrix2D((width / 2, height / 2), 15, 1), (width, height))
    write_image(root / "tilted.png", image)
    page.goto(address)
    page.set_input_files("#photo", root / "tilted.png")
    page.locator("section:not([hidden]) .people li button").first.click()
    page.wait_for_function("() => document.getElementById('yours').naturalWidth === 448")
    shown = page.evaluate(
        """() => { const canvas = Object.assign(document.createElement("canvas"), { width: 112, height: 112 });
        const brush = canvas.getContext("2d"); brush.drawImage(document.getElementById("yours"), 0, 0, 112, 112);
        return [...brush.getImageData(0, 0, 112, 112).data]; }"""
    )
    detector = load_detector()
    crop = detector.crop(image, detector.detect(image)[0])
    difference = np.abs(np.array(shown, float).reshape(112, 112, 4)[..., :3] - crop)
    assert np.median(difference) < 6
    keep(page, "compare-upright")


def test_of_several_faces_one_is_chosen(page: Page, photographs: tuple[str, Path]) -> None:
    address, root = photographs
    two = np.hstack([cv2.resize(draw(person(number), 2).image, (320, 320)) for number in (0, 3)])
    write_image(root / "two.png", two)
    page.goto(address)
    page.set_input_files("#photo", root / "two.png")
    boxes = page.locator("#boxes button")
    expect(boxes).to_have_count(2)
    expect(page.locator("#status")).to_contain_text("Several faces")
    pressed = [box.get_attribute("aria-pressed") for box in boxes.all()]
    assert sorted(pressed) == ["false", "true"]
    keep(page, "several")
    explained: list[str] = []
    page.on("request", lambda request: explained.append(request.url) if "explain=1" in request.url else None)
    compare_first(page)
    boxes.nth(pressed.index("false")).click()
    expect(boxes.nth(pressed.index("false"))).to_have_attribute("aria-pressed", "true")
    compare_first(page)
    assert len(explained) == 2, "each face is explained by itself"


def compare_first(page: Page) -> None:
    page.locator("section:not([hidden]) .people li button").first.click()
    expect(page.locator("#parts dd").first).to_be_visible()
    page.keyboard.press("Escape")


def test_a_picture_without_a_face_says_so(page: Page, photographs: tuple[str, Path]) -> None:
    address, root = photographs
    write_image(root / "grey.png", np.full((300, 300, 3), 120, np.uint8))
    page.goto(address)
    page.set_input_files("#photo", root / "grey.png")
    expect(page.locator("#status")).to_contain_text("No face was found in the picture")


def test_it_speaks_three_languages_and_remembers(page: Page, address: str) -> None:
    page.goto(address)
    for language, words in (("ja", "あなたは誰に似ていますか"), ("zh-Hant", "你像誰"), ("en", "Who do you look like")):
        page.select_option("#language", language)
        expect(page.locator("header p")).to_contain_text(words)
        assert page.evaluate("document.documentElement.lang") == language
    page.select_option("#language", "ja")
    page.reload()
    expect(page.locator("header p")).to_contain_text("あなたは誰に似ていますか")
    page.locator(".names button").first.click()
    expect(page.locator("#results li").first).to_contain_text("似ている")
    assert page.evaluate("Object.values(WORDS).every(w => Object.keys(w).join() === Object.keys(WORDS.en).join())")
    keep(page, "japanese")


def test_names_are_found_by_typing(page: Page, address: str, drawn_crops) -> None:
    page.goto(address)
    name = list(drawn_crops)[1]
    expect(page.locator(".names button")).to_have_count(len(drawn_crops))
    page.locator("#search").fill(name[:3].lower())
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    assert page.locator(".names button").count() < len(drawn_crops)


@pytest.fixture
def tabled(tmp_path: Path, drawn_crops) -> Iterator[tuple[str, list[str]]]:
    """Address of a service whose gallery has columns, and the people: every second one's agency is Elite, then Ford."""
    names = list(drawn_crops)
    for name, crops in drawn_crops.items():
        write_image(tmp_path / "faces" / name / "1.png", crops[0])
    update(tmp_path / "gallery", write_table(DrawnFolder(tmp_path / "faces", names)), crops=True)
    process, address = start(tmp_path / "gallery", tmp_path / "log")
    yield address, names
    process.terminate()
    process.wait(15)


def filter_by(page: Page, column: str, **values: str) -> None:
    page.locator("#more").click()
    page.select_option("#column", column)
    for name, value in values.items():
        page.locator(f"#{name}").fill(value)
    page.locator("#adding button").click()


def test_filters_stay_for_every_question_and_say_who_is_left(page: Page, tabled) -> None:
    address, names = tabled
    page.goto(address)
    page.get_by_role("button", name=names[0], exact=True).click()
    rows = page.locator("#results li")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("agency:")
    filter_by(page, "agency", value="ford")
    expect(rows).to_have_count(3)
    filter_by(page, "born", **{"from": "1993"})
    expect(rows).to_have_count(2)
    expect(page.locator("#left")).to_have_text("2 people match")
    page.get_by_role("button", name=names[3], exact=True).click()
    expect(page.locator("#whose")).to_contain_text(names[3])
    expect(rows).to_have_count(1)
    filter_by(page, "born", **{"from": "soon"})
    expect(page.locator("#refused")).to_contain_text("This filter cannot be used: write a value, or the ends")
    expect(page.locator("#chosen li")).to_have_count(2)
    page.locator("#from").fill("2020")
    page.locator("#adding button").click()
    for place in ("#left", "#status"):
        expect(page.locator(place)).to_have_text("Nobody here meets all of the filters.")
    for left in (2, 1, 0):
        page.locator("#chosen button").first.click()
        expect(page.locator("#chosen li")).to_have_count(left)
    expect(rows).to_have_count(5)
    page.locator("#search").fill("elite")
    expect(page.locator("#everybody .names button")).to_have_count(3)
    page.locator("#search").fill("no such value")
    expect(page.locator("#unfound")).to_contain_text("Nobody here is called so")


def test_a_gallery_without_a_table_offers_no_filters(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".names button").first).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()


def test_a_shortlist_is_picked_kept_and_exported(page: Page, tabled, tmp_path: Path) -> None:
    address, names = tabled
    page.goto(address)
    page.get_by_role("button", name=names[0], exact=True).click()
    stars = page.locator("#results .star")
    for place in range(3):
        stars.nth(place).click()
    expect(page.locator("#picked li")).to_have_count(3)
    page.reload()
    expect(page.locator("#picked img")).to_have_count(3)
    pictures_come(page, "#picked img")
    picked = page.locator("#picked span").all_inner_texts()
    page.get_by_role("button", name=names[0], exact=True).click()
    expect(page.locator(".star[aria-pressed=true]")).to_have_count(3)
    page.locator("#shown input[value=agency]").check()
    for kind, begins in (("PDF", b"%PDF"), ("CSV", b'"person","faces"')):
        with page.expect_download(timeout=120_000) as coming:
            page.get_by_role("button", name=kind).click()
        assert coming.value.suggested_filename == f"shortlist.{kind.lower()}"
        assert coming.value.path().read_bytes().startswith(begins)
    rows = list(csv.DictReader(coming.value.path().read_text(encoding="utf-8").splitlines()))
    assert [row["person"] for row in rows] == picked
    assert all(row["rarity"] and row["agency"] in ("Elite", "Ford") for row in rows)
    page.set_input_files("#photo", tmp_path / "faces" / names[5] / "1.png")
    expect(page.locator("#results li").first).to_contain_text(names[5])
    with page.expect_download() as coming:
        page.get_by_role("button", name="JSON").click()
    assert json.loads(coming.value.path().read_text(encoding="utf-8"))["for"] == {"person": None}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator("#more").click()
        assert serious(page) == []
        page.locator("#more").click()
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#more").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#more").click()
    assert forget(tmp_path / "gallery", picked[0]).clean
    page.get_by_role("button", name="JSON").click()
    expect(page.locator("#picked li")).to_have_count(2)
    assert picked[0] not in page.evaluate("JSON.stringify(localStorage)")
    page.locator("#clear").click()
    expect(page.locator("#tray")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('shortlist')") is None
    stars.first.click()
    expect(page.locator("#picked img")).to_have_count(1)
    keep(page, "shortlist-phone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out(page: Page, address: str, root: Path, drawn_crops, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    page.set_input_files("#photo", root / "faces" / list(drawn_crops)[2] / "1.png")
    expect(page.locator("section:not([hidden]) .people li").first).to_be_visible()
    assert serious(page) == []
    page.locator(".people li button").first.click()
    expect(page.locator("#parts dd").first).to_be_visible()
    assert serious(page) == []
    keep(page, f"compare-{scheme}")


def serious(page: Page) -> list[str]:
    """Accessibility problems that axe calls serious or critical."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]

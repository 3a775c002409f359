"""Page in a real browser: home, answers, two faces, photos, on a phone, by keyboard, in three languages."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from niteru.engine.drawn import draw, person
from niteru.engine.embedding.regions import PARTS
from niteru.engine.faces.detector import load_detector
from niteru.indexer.catalog.indexing import note_progress
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.serve.http.problems_in_words import PROBLEMS_IN_WORDS
from niteru.serve.http.statuses import types_by_status
from support.browser import keep, pictures_come, serious, served
from support.drawings import draw_folder
from support.drawn import DrawnFolder, write_image
from support.tables import write_table

PEOPLE, PHOTOS = 6, 2


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("page")
    draw_folder(root / "faces", PEOPLE, PHOTOS)
    update(root / "gallery", root / "faces")
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with served(root) as address:
        yield address


def photo_of(root: Path, number: int = 0) -> Path:
    return sorted((root / "faces" / person(number).name).glob("*.jpg"))[0]


def ask_with(page: Page, photo: Path) -> None:
    page.set_input_files("#photo", photo)
    expect(page.locator("#name")).not_to_be_empty()


def open_person(page: Page, address: str, number: int = 0) -> None:
    page.goto(f"{address}/")
    page.locator("#people a", has_text=person(number).name).first.click()
    expect(page.locator("#name")).not_to_be_empty()


def test_home_shows_faces_first(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#people li")).to_have_count(PEOPLE)
    expect(page.locator("#strip li").first).to_contain_text("is this alike")
    pictures_come(page, "#strip img")
    page.wait_for_function("() => document.querySelector('#people img').naturalWidth > 112")  # sharper than a crop
    expect(page.locator("#drawn")).to_contain_text("Nobody here exists")
    page.locator("#search").fill(person(1).name[:3].lower())
    expect(page.locator("#people bdi", has_text=person(1).name)).to_be_visible()
    expect(page.locator("#people li")).not_to_have_count(PEOPLE)
    page.locator("#search").fill("no such name")
    expect(page.locator("#unfound")).to_contain_text("Nobody here has this name")
    keep(page, "home")


def test_an_answer_is_in_view_on_a_phone_and_every_state_has_an_address(page: Page, address: str, root: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address)
    ask_with(page, photo_of(root))
    for seen in ("#asked img", "#first img", "#name", "#frequency"):
        expect(page.locator(seen)).to_be_in_viewport(ratio=0.99)
    expect(page.locator("#name")).to_have_text(person(0).name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keep(page, "answer-phone")
    page.locator("#others a").first.click()
    expect(page.locator("#parts dd").first).to_be_visible()
    keep(page, "pair-phone")
    page.locator("#onwards a").last.click()
    expect(page.locator("#whose")).to_contain_text("Who looks like")
    expect(page.locator("#photos li")).to_have_count(PHOTOS)
    for seen in ("#parts dd", "#others li", "#people li"):
        page.go_back()
        expect(page.locator(seen).first).to_be_visible()


def test_a_person_is_asked_by_keyboard_and_the_address_asks_again(page: Page, address: str) -> None:
    page.goto(address)
    link = page.locator("#people a").first
    name = link.locator("bdi").first.text_content() or ""
    assert name
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#others li")).to_have_count(PEOPLE - 2)
    assert name not in page.locator("#others").inner_text()
    page.reload()
    expect(page.locator("#others li")).to_have_count(PEOPLE - 2)
    expect(page.locator("#whose")).to_contain_text(name)
    page.locator("#best a").click()
    page.reload()
    expect(page.locator("#parts dd").first).to_be_visible()
    keep(page, "pair")


def test_a_visitor_takes_a_card_along(page: Page, address: str, root: Path) -> None:
    page.goto(address)
    ask_with(page, photo_of(root))
    page.locator("#hero .share").click()
    for shape, size in (("square", (1080, 1080)), ("story", (1080, 1920))):
        page.select_option("#shape", shape)
        expect(page.locator("#cardState")).to_be_empty()
        expect(page.locator("#save")).to_be_visible()
        with page.expect_download() as coming:
            page.locator("#save").click()
        assert coming.value.suggested_filename == "niteru.png"
        with Image.open(coming.value.path()) as card:
            assert card.size == size
            pixels = np.asarray(card.convert("RGB"))
        assert len(load_detector().detect(pixels)) == 2, "the visitor and the look-alike"
    page.select_option("#shows", "three")
    expect(page.locator("#save")).to_be_visible()
    assert serious(page) == []


def test_a_visitor_s_photo_is_gone_with_the_page(page: Page, address: str, root: Path) -> None:
    page.goto(address)
    ask_with(page, photo_of(root))
    page.reload()
    expect(page.locator("#people li").first).to_be_visible()
    expect(page.locator("#status")).to_contain_text("nothing is kept")


def test_a_large_photo_is_made_smaller_before_it_is_sent(page: Page, address: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-20, 20, (2800, 2000, 3))
    large = np.clip(cv2.resize(draw(person(2), 1).image, (2000, 2800)) + noise, 0, 255).astype(np.uint8)
    write_image(tmp_path / "large.png", large)
    sent: list[int] = []
    page.on(
        "request",
        lambda request: sent.append(len(request.post_data_buffer or b"")) if request.method == "POST" else None,
    )
    page.goto(address)
    ask_with(page, tmp_path / "large.png")
    expect(page.locator("#name")).to_have_text(person(2).name)
    assert sent
    assert max(sent) < (tmp_path / "large.png").stat().st_size / 4


def test_what_is_no_picture_is_told_in_words(page: Page, address: str, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("not a picture")
    page.goto(address)
    page.set_input_files("#photo", tmp_path / "note.jpg")
    for language, sentences in PROBLEMS_IN_WORDS["unsupported-type"].items():
        page.select_option("#language", str(language))
        expect(page.locator("#status")).to_have_text(sentences)


def test_every_problem_is_told_in_the_page_s_language(page: Page, address: str) -> None:
    page.goto(address)
    for name in {name for types in types_by_status().values() for name in types}:
        for language, sentence in PROBLEMS_IN_WORDS[name].items():
            page.select_option("#language", str(language))
            told = page.evaluate(
                """async type => (await import(`${document.documentElement.dataset.root}/static/service.js`))
                .problem({ type, request_id: "abc" })""",
                name,
            )
            assert told == sentence.replace("{request_id}", "abc")


def test_what_a_proxy_says_instead_is_told_in_words(page: Page, address: str, root: Path) -> None:
    page.route("**/similar**", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Oh</h1>"))
    page.goto(address)
    page.set_input_files("#photo", photo_of(root))
    expect(page.locator("#status")).to_contain_text("No answer came that can be used")


def test_two_faces_are_compared_and_explained(page: Page, address: str, root: Path) -> None:
    page.goto(address)
    ask_with(page, photo_of(root))
    expect(page.locator("#first .tint rect")).to_have_count(len([box for boxes in PARTS.values() for box in boxes]))
    page.locator("#others a").first.click()
    expect(page.locator("#parts dd").first).to_be_visible()
    shares = [int(text.split()[0]) for text in page.locator("#parts dd").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert 97 <= sum(shares) <= 103
    veils = page.eval_on_selector_all(
        "#both .tint",
        "veils => veils.map(veil => [...veil.children].map(one => [one.dataset.part, +one.getAttribute('opacity')]))",
    )
    assert len(veils) == 2
    for veil in veils:
        assert max(opacity for _, opacity in veil) == 1
        assert {part for part, _ in veil} == set(PARTS)


def test_an_uploaded_face_is_cut_out_as_the_gallery_s_are(page: Page, address: str, tmp_path: Path) -> None:
    straight = draw(person(1), 3).image
    height, width = straight.shape[:2]
    image = cv2.warpAffine(straight, cv2.getRotationMatrix2D((width / 2, height / 2), 15, 1), (width, height))
    write_image(tmp_path / "tilted.png", image)
    page.goto(address)
    ask_with(page, tmp_path / "tilted.png")
    page.wait_for_function("() => document.querySelector('#asked img').naturalWidth === 640")
    shown = page.evaluate(
        """() => { const image = document.querySelector("#asked img"), frame = document.getElementById("asked");
        const inset = parseFloat(frame.style.getPropertyValue("--inset")) / 100 * 640, inner = 640 - 2 * inset;
        const canvas = Object.assign(document.createElement("canvas"), { width: 112, height: 112 });
        const brush = canvas.getContext("2d"); brush.drawImage(image, inset, inset, inner, inner, 0, 0, 112, 112);
        return [...brush.getImageData(0, 0, 112, 112).data]; }"""
    )
    detector = load_detector()
    crop = detector.crop(image, detector.detect(image)[0])
    difference = np.abs(np.array(shown, float).reshape(112, 112, 4)[..., :3] - crop)
    assert np.median(difference) < 6


def test_of_several_faces_one_is_chosen(page: Page, address: str, tmp_path: Path) -> None:
    two = np.hstack([cv2.resize(draw(person(number), 2).image, (320, 320)) for number in (0, 3)])
    write_image(tmp_path / "two.png", two)
    page.goto(address)
    ask_with(page, tmp_path / "two.png")
    faces = page.locator("#choose button")
    expect(faces).to_have_count(2)
    expect(page.locator("#status")).to_contain_text("Several faces")
    pressed = [face.get_attribute("aria-pressed") for face in faces.all()]
    assert sorted(pressed) == ["false", "true"]
    first = page.locator("#name").inner_text()
    faces.nth(pressed.index("false")).click()
    expect(page.locator("#name")).not_to_have_text(first)
    expect(faces.nth(pressed.index("false"))).to_have_attribute("aria-pressed", "true")
    keep(page, "several")


def test_faces_of_a_photo_that_the_browser_cannot_show_are_chosen_by_number(
    page: Page, address: str, tmp_path: Path
) -> None:
    two = np.hstack([cv2.resize(draw(person(number), 2).image, (320, 320)) for number in (0, 3)])
    pillow_heif.from_pillow(Image.fromarray(two)).save(tmp_path / "two.heic", quality=90)
    page.goto(address)
    ask_with(page, tmp_path / "two.heic")
    faces = page.locator("#choose button")
    expect(faces).to_have_text(["1", "2"])
    for face in faces.all():
        assert min(face.bounding_box()[side] for side in ("width", "height")) >= 44, "large enough for a finger"
    expect(page.locator("#asked")).to_be_hidden()
    keep(page, "heic")
    write_image(tmp_path / "one.png", draw(person(0), 2).image)
    ask_with(page, tmp_path / "one.png")
    expect(page.locator("#asked")).to_be_visible()


def test_a_picture_without_a_face_says_so(page: Page, address: str, tmp_path: Path) -> None:
    write_image(tmp_path / "grey.png", np.full((300, 300, 3), 120, np.uint8))
    page.goto(address)
    page.set_input_files("#photo", tmp_path / "grey.png")
    expect(page.locator("#status")).to_contain_text("No face was found in the picture")


def test_a_photo_is_looked_at_whole(page: Page, address: str) -> None:
    open_person(page, address, 2)
    page.locator("#photos a").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#frames .mine")).to_have_count(1)
    pictures_come(page, "#whole")
    assert page.locator("#whole").evaluate("image => image.naturalHeight") > 112
    first = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != first)
    expect(dialog.locator("#corrections")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#photos li")).to_have_count(PHOTOS)
    page.wait_for_url(lambda url: "/photo/" not in url)
    page.go_back()
    expect(page.locator("#people li").first).to_be_visible()
    expect(dialog).to_be_hidden()
    page.goto(first)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "/photo/" not in url)
    expect(page.locator("#photos li")).to_have_count(PHOTOS)
    page.goto(first)
    expect(dialog).to_be_visible()
    keep(page, "photo")


def test_the_owner_corrects_whom_a_photo_shows(page: Page, root: Path, tmp_path: Path) -> None:
    update(tmp_path / "gallery", root / "faces")
    with served(tmp_path, key="a key of sixteen letters") as address:
        page.goto(f"{address}/#key=a%20key%20of%20sixteen%20letters")
        assert "key" not in page.url
        open_person(page, address, 2)
        page.locator("#photos a").first.click()
        page.locator("#notThem").click()
        expect(page.locator("#corrected")).to_contain_text("a group of its own")
        expect(page.locator("#photos li")).to_have_count(PHOTOS - 1)
        page.locator("#corrected button").click()
        expect(page.locator("#corrected")).to_have_text("Taken back.")
        expect(page.locator("#photos li")).to_have_count(PHOTOS)


def test_it_speaks_three_languages_and_remembers(page: Page, address: str) -> None:
    page.goto(address)
    for language, words in (("ja", "誰が誰に似ている"), ("zh-Hant", "誰長得像誰"), ("en", "Who looks like whom")):
        page.select_option("#language", language)
        expect(page.locator("h1:visible")).to_contain_text(words)
        assert page.evaluate("document.documentElement.lang") == language
    page.select_option("#language", "ja")
    page.reload()
    expect(page.locator("h1:visible")).to_contain_text("誰が誰に似ている")
    page.locator("#people a").first.click()
    expect(page.locator("#degree")).to_contain_text("似て")
    keep(page, "japanese")


def test_a_font_comes_along_for_systems_without_one(page: Page, address: str) -> None:
    page.goto(address)
    come = page.evaluate("""async () => {
        const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
        const rule = rules.find((one) => one instanceof CSSFontFaceRule);
        const ours = new FontFace("ours", rule.style.getPropertyValue("src").split(",").at(-1).trim()
            .replace("../", document.querySelector("link[rel=stylesheet]").href.replace("static/design.css", "")));
        return (await ours.load()).status;
    }""")
    assert come == "loaded"


def test_whoever_was_forgotten_meanwhile_is_no_longer_there(tabled, page: Page, tmp_path: Path) -> None:
    address, names = tabled
    page.goto(address)
    link = page.locator("#people a", has_text=names[0])
    expect(link).to_be_visible()
    assert forget(tmp_path / "gallery", names[0]).clean
    link.click()
    expect(page.locator("#status")).to_have_text(PROBLEMS_IN_WORDS["person-not-found"]["en"])
    page.goto(address)
    expect(page.locator("#people li").first).to_be_visible()
    expect(link).to_have_count(0)


def test_a_gallery_in_the_making_tells_how_far_it_is(page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        page.goto(address)
        expect(page.locator("#empty")).to_contain_text("Nobody is here yet")
        keep(page, "empty")
        with Gallery.writing(tmp_path / "gallery") as gallery:
            note_progress(gallery.catalog, 3, 12)
        page.goto(address)
        page.reload()
        expect(page.locator("#done")).to_have_text("Photos are being read: 3 of 12")
        draw_folder(tmp_path / "faces", 3, 1)
        update(tmp_path / "gallery", tmp_path / "faces")
        expect(page.locator("#people li")).to_have_count(3)
        expect(page.locator("#reading")).to_be_hidden()


def test_a_game_of_likeness_is_played(page: Page, address: str) -> None:
    page.goto(f"{address}/#/which")
    for _ in range(2):
        expect(page.locator("#sides button")).to_have_count(2)
        page.locator("#sides button").first.click()
        expect(page.locator("#thinks")).not_to_be_empty()
        page.locator("#dealAgain").click()
    expect(page.locator("#score")).to_contain_text("of 2 times")


@pytest.fixture
def tabled(tmp_path: Path, drawn_crops) -> Iterator[tuple[str, list[str]]]:
    """Address of a service whose gallery has columns, and the people: every second one's agency is Elite, then Ford."""
    names = list(drawn_crops)
    for name, crops in drawn_crops.items():
        write_image(tmp_path / "faces" / name / "1.png", crops[0])
    update(tmp_path / "gallery", write_table(DrawnFolder(tmp_path / "faces", names)), crops=True)
    with served(tmp_path) as address:
        yield address, names


def person_page(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/#/person/{quote(name)}")
    expect(page.locator("#name")).not_to_be_empty()


def filter_by(page: Page, column: str, **values: str) -> None:
    page.locator("#more").click()
    page.select_option("#column", column)
    for name, value in values.items():
        page.locator(f"#{name}").fill(value)
    page.locator("#adding button").click()


def test_filters_stay_for_every_question_and_say_who_is_left(tabled, page: Page) -> None:
    address, names = tabled
    page.goto(address)
    person_page(page, address, names[0])
    rows = page.locator("#best:visible, #others li")
    expect(rows).to_have_count(5)
    expect(page.locator("#columns")).to_contain_text("agency:")
    filter_by(page, "agency", value="ford")
    expect(rows).to_have_count(3)
    filter_by(page, "born", **{"from": "1993"})
    expect(rows).to_have_count(2)
    expect(page.locator("#left")).to_have_text("2 people match")
    page.evaluate("to => { location.hash = location.hash.replace(/person.[^?]*/, to); }", f"person/{quote(names[3])}")
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
    expect(page.locator("#people li")).to_have_count(3)
    page.locator("#search").fill("no such value")
    expect(page.locator("#unfound")).to_contain_text("Nobody here has this name")


def test_somebody_is_asked_about_at_an_age_and_without_relatives(page: Page, tmp_path: Path) -> None:
    rows = ["path,person,born,family,taken"]
    for number in range(4):
        for photo, year in enumerate((1950, 1970)):
            write_image(tmp_path / f"{number}-{photo}.png", draw(person(number), photo).image)
            family = "Lovelace" if number < 2 else ""
            rows.append(f"{number}-{photo}.png,{person(number).name},{1930 if number < 3 else ''},{family},{year}")
    (tmp_path / "photos.csv").write_text("\n".join(rows), encoding="utf-8")
    update(tmp_path / "gallery", tmp_path / "photos.csv")
    with served(tmp_path) as address:
        person_page(page, address, person(0).name)
        expect(page.locator("#best:visible, #others li")).to_have_count(3)
        page.locator("#age").fill("20")
        page.locator("#atAge button").click()
        expect(page.locator("#best:visible, #others li")).to_have_count(2)
        expect(page.locator("#columns")).to_contain_text("20 years old here")
        expect(page.locator("#status")).to_contain_text("1 person is left out")
        assert "age=20" in page.url
        page.locator("#strangers input").check()
        expect(page.locator("#best:visible, #others li")).to_have_count(1)
        expect(page.locator("#name")).to_have_text(person(2).name)
        page.go_back()
        expect(page.locator("#best:visible, #others li")).to_have_count(2)
        page.locator("#age").fill("60")
        page.locator("#atAge button").click()
        expect(page.locator("#status")).to_have_text(PROBLEMS_IN_WORDS["age-unknown"]["en"])
        page.locator("#age").fill("")
        page.locator("#atAge button").click()
        expect(page.locator("#best:visible, #others li")).to_have_count(3)


def test_a_gallery_without_a_table_offers_no_filters(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#people a").first).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()


def test_a_shortlist_is_picked_kept_and_exported(tabled, page: Page, tmp_path: Path) -> None:
    address, names = tabled
    page.goto(address)
    person_page(page, address, names[0])
    stars = page.locator("#others .star")
    for place in range(3):
        stars.nth(place).click()
    expect(page.locator("#picked li")).to_have_count(3)
    page.reload()
    expect(page.locator("#picked img")).to_have_count(3)
    pictures_come(page, "#picked img")
    picked = page.locator("#picked span").all_inner_texts()
    person_page(page, address, names[0])
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
    expect(page.locator("#name")).to_have_text(names[5])
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
def test_nobody_is_shut_out(page: Page, address: str, root: Path, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(address)
    expect(page.locator("#people li").first).to_be_visible()
    assert serious(page) == []
    ask_with(page, photo_of(root, 2))
    expect(page.locator("#first .tint rect").first).to_be_attached()
    assert serious(page) == []
    keep(page, f"answer-{scheme}")
    page.locator("#others a").first.click()
    expect(page.locator("#parts dd").first).to_be_visible()
    assert serious(page) == []
    page.locator("#onwards a").first.click()
    page.locator("#photos a").first.click()
    expect(page.locator("#frames .mine")).to_be_visible()
    assert serious(page) == []
    page.goto(f"{address}/#/which")
    expect(page.locator("#sides button").first).to_be_visible()
    assert serious(page) == []

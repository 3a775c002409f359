"""The booth in a real browser with a made-up camera: from start to start, by keyboard, by staff, and when refused."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from niteru.indexer.update.enrol import update
from niteru.serve.booth.settings import Settings, keep_settings
from niteru.serve.words import sentences
from support.browser import keep, serious
from support.command import NITERU, start
from support.drawings import draw_folder, drawn

CAMERA, ALLOWED = "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
WORDS = sentences("booth")


def write_film(file: Path, picture: np.ndarray, width: int = 640, height: int = 480) -> None:
    """Write a few frames of a picture as Y4M, which Chromium takes for a camera."""
    scale = min(height / picture.shape[0], width / picture.shape[1])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.full((height, width, 3), (120, 128, 140), np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small
    content = cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes()
    head = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode()
    file.write_bytes(head + (b"FRAME\n" + content) * 5)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("booth")
    draw_folder(root / "photos", 6, 2)
    update(root / "gallery", root / "photos")
    write_film(root / "face.y4m", drawn(7).image)
    write_film(root / "wall.y4m", np.full((480, 640, 3), 130, np.uint8))
    return root


@pytest.fixture(scope="module")
def booth(root: Path) -> Iterator[dict[str, str]]:
    """Addresses of a booth on this machine and by HTTPS, and its staff's code."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    keep_settings(root / "config" / "booth" / "settings.json", Settings(countdown=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NITERU_CONFIG", str(root / "config"))
        more = ("--booth", "--https-port", port, "--host", "127.0.0.1")
        process, address = start(root / "gallery", root / "log", (NITERU,), *more)
    said = (root / "log").read_text()
    code = next(line.split()[-1] for line in said.splitlines() if line.startswith("code for the staff"))
    yield {"local": address.replace("127.0.0.1", "localhost"), "https": f"https://127.0.0.1:{port}", "code": code}
    process.terminate()
    process.wait(15)


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser], root: Path) -> Iterator[Browser]:
    """Browser whose camera sees a drawn person."""
    browser = launch(CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={root / 'face.y4m'}")
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Page of a visitor, which must log no errors."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert not [one for one in complaints if not any(status in one for status in ("400", "403", "404", "422"))]


def state(page: Page, name: str, seconds: float = 15) -> None:
    expect(page.locator(f"#{name}")).to_be_visible(timeout=1000 * seconds)


def choose(page: Page, code: str, **settings: str) -> None:
    page.click("#staff")
    page.fill("#choices [name=code]", code)
    for name, value in settings.items():
        page.fill(f"#choices [name={name}]", value)
    page.click("#choices .main-button")


def visit(page: Page, address: str) -> None:
    """Go through a visit up to its answer."""
    page.goto(f"{address}/booth")
    state(page, "welcome")
    page.click("#start")
    page.click("#shoot")
    state(page, "answer", 30)


def test_a_visit_from_start_to_start(page: Page, booth: dict[str, str], browser: Browser) -> None:
    page.goto(f"{booth['local']}/booth")
    state(page, "welcome")
    assert "not kept" in page.inner_text("#consent")
    assert serious(page) == []
    page.click("#start")
    expect(page.locator("#shoot")).to_be_visible(timeout=15_000)
    assert page.evaluate("getComputedStyle(film).transform").startswith("matrix(-1"), "as in a mirror"
    keep(page, "booth-camera")
    page.click("#shoot")
    expect(page.locator("#count")).to_have_text("1")
    state(page, "answer", 30)
    assert page.locator("#others li").count() == 2
    told = page.inner_text("#result")
    assert told.startswith("You look like ") or "Nobody here looks much like this" in page.inner_text("#nobodyAlike")
    assert serious(page) == []
    keep(page, "booth-answer")
    qr = page.get_attribute("#code", "src")
    assert qr.startswith("data:image/svg+xml")
    page.click("#answer .stop")
    state(page, "welcome")
    assert page.evaluate("film.srcObject") is None
    left = page.evaluate("document.documentElement.outerHTML")
    assert "data:image" not in left and "blob:" not in left, "the page holds no picture of the visitor"
    assert page.evaluate("document.querySelectorAll('canvas').length") == 0


def test_the_card_comes_to_a_phone_and_goes(page: Page, booth: dict[str, str], browser: Browser) -> None:
    with page.expect_response("**/booth/answer*") as replied:
        visit(page, booth["local"])
    address = replied.value.json()["card"]["address"]
    assert address.startswith(booth["https"])
    code = cv2.imdecode(np.frombuffer(page.locator("#code").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert cv2.QRCodeDetector().detectAndDecode(code)[0] == address, "the code says where"
    phone = browser.new_context(viewport={"width": 390, "height": 844}, ignore_https_errors=True).new_page()
    phone.goto(address)
    phone.wait_for_function("document.querySelector('main > img').naturalHeight === 1920")
    assert serious(phone) == []
    keep(phone, "booth-phone")
    phone.click("button")
    expect(phone.locator("h1")).to_have_text(WORDS["cardGone"]["en"])
    assert phone.goto(address).status == 404
    assert phone.request.get(booth["https"] + "/people").status == 401, "its address shows nothing else"
    phone.context.close()


def test_by_keyboard_in_another_language_and_back_by_itself(page: Page, booth: dict[str, str]) -> None:
    page.clock.install()
    page.goto(f"{booth['local']}/booth")
    state(page, "welcome")
    page.locator("#language input[value=en]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#welcome h1")).to_have_text(WORDS["title"]["ja"])
    assert page.evaluate("document.documentElement.lang") == "ja"
    page.locator("#start").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#shoot")).to_be_focused(timeout=15_000)
    page.keyboard.press("Enter")
    page.clock.run_for(1500)
    state(page, "answer", 30)
    assert "組に 1 組" in page.inner_text("#frequency")
    page.clock.run_for(40_000)
    state(page, "answer")
    page.clock.run_for(25_000)
    state(page, "welcome")
    expect(page.locator("#welcome h1")).to_have_text(WORDS["title"]["en"])
    page.locator("#language input[value=ja]").check(force=True)
    page.click("#staff")
    page.fill("#choices [name=code]", booth["code"])
    page.clock.run_for(62_000)  # somebody has left it so
    expect(page.locator("#choosing")).not_to_be_visible()
    expect(page.locator("#welcome h1")).to_have_text(WORDS["title"]["en"])
    page.click("#start")
    page.keyboard.press("Escape")
    state(page, "welcome")


def test_staff_choose_with_their_code(page: Page, booth: dict[str, str]) -> None:
    page.goto(f"{booth['local']}/booth")
    state(page, "welcome")
    choose(page, "AAAA-AAAA", countdown="0")
    expect(page.locator("#chosen")).to_contain_text("This is not the booth's code")
    assert serious(page) == []
    page.click("#unchosen")
    choose(page, booth["code"], where="no:column")
    expect(page.locator("#chosen")).to_have_text(WORDS["badSettings"]["en"])
    page.fill("#choices [name=where]", "")
    page.fill("#choices [name=countdown]", "0")
    page.fill("#choices [name=code]", booth["code"])
    page.click("#choices .main-button")
    expect(page.locator("#choosing")).not_to_be_visible()
    visit(page, booth["local"])
    page.click("#answer .stop")
    choose(page, booth["code"], countdown="1")
    expect(page.locator("#choosing")).not_to_be_visible()
    expect(page.locator("#choices [name=code]")).to_have_value("")  # the code does not stay on the page


def test_a_tablet_is_let_in_by_https(browser: Browser, booth: dict[str, str]) -> None:
    context = browser.new_context(viewport={"width": 820, "height": 1180}, ignore_https_errors=True, locale="en")
    tablet = context.new_page()
    tablet.goto(f"{booth['https']}/booth")
    state(tablet, "locked")
    assert serious(tablet) == []
    keep(tablet, "booth-locked")
    tablet.fill("#passCode", "wrong")
    tablet.click("#unlock button")
    expect(tablet.locator("#unlocked")).to_contain_text("This is not the booth's code")
    tablet.fill("#passCode", booth["code"].lower())
    tablet.click("#unlock button")
    state(tablet, "welcome")
    tablet.click("#start")
    tablet.click("#shoot")
    state(tablet, "answer", 30)
    tablet.goto(f"{booth['https']}/booth/trust")
    assert tablet.locator("section").count() == 3
    assert serious(tablet) == []
    keep(tablet, "booth-trust")
    context.close()


REFUSED = {"NotAllowedError": "denied", "NotFoundError": "none", "NotReadableError": "inUse"}


@pytest.mark.parametrize("error", REFUSED)
def test_the_reason_is_said_when_there_is_no_picture(page: Page, booth: dict[str, str], error: str) -> None:
    refusing = f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }}"
    page.add_init_script(refusing)
    page.goto(f"{booth['local']}/booth")
    page.click("#start")
    expect(page.locator("#reason")).to_have_text(WORDS[REFUSED[error]]["en"])
    page.locator("#language input[value=ja]").check(force=True)
    expect(page.locator("#reason")).to_have_text(WORDS[REFUSED[error]]["ja"])
    assert serious(page) == []
    keep(page, f"booth-{REFUSED[error]}")


def test_a_browser_refuses_by_itself(launch: Callable[..., Browser], booth: dict[str, str]) -> None:
    """Without a camera, and where the page is not secure: no error is made up here."""
    bare = launch()
    page = bare.new_context(locale="en").new_page()
    page.goto(f"{booth['local']}/booth")
    page.click("#start")
    expect(page.locator("#reason")).to_have_text(WORDS["none"]["en"])
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.reload()
    page.click("#start")
    expect(page.locator("#reason")).to_have_text(WORDS["insecure"]["en"])
    bare.close()


def test_nobody_before_the_camera_is_told_so(launch: Callable[..., Browser], root: Path, booth: dict[str, str]) -> None:
    empty = launch(CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={root / 'wall.y4m'}")
    page = empty.new_context(locale="en").new_page()
    page.goto(f"{booth['local']}/booth")
    page.click("#start")
    page.click("#shoot")
    expect(page.locator("#reason")).to_have_text(WORDS["unseen"]["en"], timeout=30_000)
    page.click("#retry")
    expect(page.locator("#shoot")).to_be_visible(timeout=15_000)
    empty.close()


SIZES = [(360, 640), (390, 844), (844, 390), (820, 1180), (1440, 900), (1920, 1080), (1080, 1920)]


def test_everything_fits_across(page: Page, booth: dict[str, str]) -> None:
    visit(page, booth["local"])
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if width > height else "light")
        keep(page, f"booth-answer-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, height)
        if min(width, height) > 800:
            higher = page.evaluate("document.documentElement.scrollHeight - innerHeight")
            assert higher <= 1, f"no need to scroll in a kiosk of {width}×{height}"

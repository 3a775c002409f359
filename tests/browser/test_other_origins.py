"""A page of another origin in a real browser: it asks, and shows crops and the page itself, where it is listed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from niteru.indexer.update.enrol import update
from support.browser import keep, pictures_come, served
from support.drawings import draw_folder

EXAMPLE = (Path(__file__).parents[2] / "docs" / "examples" / "look-alikes.html").read_text(encoding="utf-8")
SHOWS = """([source, mode]) => new Promise((told) => {
    const picture = new Image();
    picture.crossOrigin = mode;
    picture.onload = () => told(true);
    picture.onerror = () => told(false);
    picture.src = source;
})"""
READS = "(source) => fetch(source).then((reply) => reply.status, () => 'unreadable')"


@contextlib.contextmanager
def pages(html: dict[str, str]) -> Iterator[int]:
    """Port of a server of other people's pages; ``html[""]`` is what it shows, and may be said later."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.get("", "").encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@dataclass(frozen=True)
class Place:
    """A service, one origin that it lists, and two that it does not: of another site, and of its own."""

    address: str
    listed: str
    others: tuple[str, str]
    photo: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("origins")
    draw_folder(root / "faces", 4, 2)
    update(root / "gallery", root / "faces")
    html: dict[str, str] = {}
    with pages(html) as one, pages(html) as other, pytest.MonkeyPatch.context() as around:
        listed = f"http://localhost:{one}"  # to a browser this is another site than 127.0.0.1
        around.setenv("NITERU_ORIGINS", listed)
        with served(root) as address:
            html[""] = EXAMPLE.replace("http://127.0.0.1:8000", address)
            others = (f"http://localhost:{other}", f"http://127.0.0.1:{one}")
            yield Place(address, listed, others, min((root / "faces").rglob("*.jpg")))


@pytest.fixture(params=[0, 1], ids=["another site", "its own site"])
def stranger(request: pytest.FixtureRequest, browser: Browser, place: Place) -> Iterator[Page]:
    """The page at an origin that nobody listed; the browser complains there, as it should."""
    page = browser.new_page()
    page.goto(place.others[request.param])
    yield page
    page.close()


def test_a_page_that_is_listed_asks_and_shows_crops(page: Page, place: Place) -> None:
    page.goto(place.listed)
    page.set_input_files("#photo", place.photo)
    expect(page.locator("#found li")).to_have_count(3)
    expect(page.locator("#found li").first).to_contain_text(place.photo.parent.name)
    pictures_come(page, "#found img")
    assert page.evaluate("document.querySelector('#found img').naturalWidth") == 112
    keep(page, "other-origin")


def test_a_page_that_is_not_listed_learns_nothing(stranger: Page, place: Place) -> None:
    stranger.set_input_files("#photo", place.photo)
    expect(stranger.locator("#said")).to_contain_text("does not answer pages of")
    expect(stranger.locator("#found li")).to_have_count(0)
    for path in ("/people", "/similar?image=face:1", "/nowhere"):
        assert stranger.evaluate(READS, place.address + path) == "unreadable", path


def test_pictures_show_where_they_are_asked_for_across_origins(page: Page, place: Place) -> None:
    page.goto(place.listed)
    for path in ("/faces/1.jpg", "/portrait.jpg?image=face:1", "/photo.jpg?image=face:1"):
        assert page.evaluate(SHOWS, [place.address + path, "anonymous"]), path
    assert page.evaluate(READS, f"{place.address}/faces/99999") == 404, "problems can be read"


def test_pictures_show_nowhere_else(stranger: Page, place: Place) -> None:
    for mode in ("anonymous", "use-credentials", None):
        assert not stranger.evaluate(SHOWS, [f"{place.address}/faces/1.jpg", mode]), mode


@pytest.mark.parametrize("listed", [True, False])
def test_the_page_stands_in_frames_of_those_who_are_listed(browser: Browser, place: Place, listed: bool) -> None:
    page = browser.new_page()
    page.goto(place.listed if listed else place.others[0])
    page.evaluate(
        """(source) => new Promise((done) => {
            const frame = document.createElement("iframe");
            frame.onload = done;
            frame.src = source;
            document.body.append(frame);
        })""",
        place.address,
    )
    shown = page.frame_locator("iframe").locator("#people li")
    expect(shown).to_have_count(4 if listed else 0)
    page.close()

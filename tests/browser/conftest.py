"""Fixtures: one browser for all tests, and a fresh page for each, which must log no errors."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from niteru.serve import pictures
from support.browser import QUIET

expect.set_options(timeout=30_000)  # the machine may be busy
TOLD = ("400", "401", "404", "415", "422", "503", "ERR_CONNECTION_REFUSED")
"""Statuses of what the service refuses, which the page tells in words; and what Chromium says of one that has ended."""


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Browser]]:
    """Start of a browser with further flags; there may be one Playwright in a process."""
    home = tmp_path_factory.mktemp("home")  # with a font for Chinese and Japanese, so that pictures show no boxes
    (home / "fonts").symlink_to(Path(pictures.__file__).parent / "fonts")
    letters, chromium = {**os.environ, "XDG_DATA_HOME": str(home)}, shutil.which("chromium")

    def launched(playwright: Playwright, *flags: str) -> Browser:
        return playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *flags], env=letters)

    with sync_playwright() as playwright:
        yield functools.partial(launched, playwright)


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="en")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert not [complaint for complaint in complaints if not any(status in complaint for status in TOLD)]

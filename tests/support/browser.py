"""A real browser, and services for it to look at."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from support.command import NITERU, start

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextlib.contextmanager
def served(root: Path, *more: str, key: str = "") -> Iterator[str]:
    """Address of a service of ``root``'s gallery while it runs."""
    with pytest.MonkeyPatch.context() as around:
        if key:
            around.setenv("NITERU_API_KEY", key)
        process, address = start(root / "gallery", root / "log", (NITERU,), *more)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(30)


def pictures_come(page: Page, which: str) -> None:
    """Wait until all of these pictures are loaded."""
    page.wait_for_function(
        "which => [...document.querySelectorAll(which)].every(i => i.complete && i.naturalWidth > 0)", arg=which
    )


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page, for people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def serious(page: Page) -> list[str]:
    """Accessibility problems that axe calls moderate or worse."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] != "minor"]

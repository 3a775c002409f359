"""What the page costs in a real browser: home with many people, and the first answer after an upload.

``python -m bench.page [--people 10000]`` prints JSON: milliseconds until faces are there and a click is answered, how
much the layout shifts (Chromium's own measure), and how many frames a scroll through everybody drops. Vectors are made
up for the many people; the answer is asked of drawn ones. All of it is on one machine, the service included.
"""

from __future__ import annotations

import json
import shutil
import statistics
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import click
from playwright.sync_api import Page, sync_playwright

from bench.scale import PHOTOS, fill, made_up
from bench.service import Service
from niteru.engine.drawn import write_people
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import load_detector
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.publishing import publish_faces

TIMES = 5
_SHIFTS = """addEventListener("DOMContentLoaded", () => {
    window.shift = 0;
    const watch = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each))
        .observe({ type, buffered: true });
    watch("layout-shift", (one) => { if (!one.hadRecentInput) window.shift += one.value; });
    window.blocked = 0;
    watch("longtask", (one) => { window.blocked += one.duration - 50; });
});"""
_SCROLL = """async () => {
    const gaps = []; let last = performance.now();
    for (let step = 0; step < 240; step += 1) {
        scrollBy(0, 120);
        await new Promise(requestAnimationFrame);
        const now = performance.now(); gaps.push(now - last); last = now;
    }
    gaps.sort((one, other) => one - other);
    const portraits = document.querySelectorAll("#people li").length;
    return { frame_ms: gaps[120], worst_frame_in_twenty_ms: gaps[228], portraits };
}"""


def home(page: Page, address: str) -> dict[str, float]:
    """Open home anew; milliseconds until portraits have names, and until a click is answered."""
    start = perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("#people li", timeout=120_000)
    there = perf_counter()
    page.locator("#search").fill("P1")
    page.wait_for_function("() => document.getElementById('unfound').textContent !== ''", timeout=120_000)
    answered = perf_counter()
    return {"faces_ms": (there - start) * 1000, "interactive_ms": (answered - start) * 1000}


def answer(page: Page, photo: Path) -> float:
    """Ask with a photo; milliseconds until the answer is in view."""
    start = perf_counter()
    page.set_input_files("#photo", photo)
    page.wait_for_selector("#name :text-matches('.')", timeout=120_000)
    return (perf_counter() - start) * 1000


def medians(rows: list[dict[str, float]]) -> dict[str, float]:
    """Median of each figure."""
    return {key: round(statistics.median(row[key] for row in rows), 1) for key in rows[0]}


def measure_home(browser: Any, people: int) -> dict[str, Any]:
    """Home of a gallery with so many people."""
    with TemporaryDirectory() as root:
        folder, embedder = Path(root) / "gallery", Embedder()
        vectors, owners = made_up(people * PHOTOS, embedder.info.dimension)
        fill(folder, vectors[::PHOTOS], owners[::PHOTOS], embedder.info.id)
        with closing(Gallery(folder, readonly=False)) as gallery:
            publish_faces(gallery, embedder, load_detector().name)
        service = Service(folder, 1)
        try:
            address, rows = f"http://127.0.0.1:{service.port}/", []
            for _ in range(TIMES):
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.add_init_script(_SHIFTS)
                row = home(page, address)
                page.locator("#search").fill("")
                row |= {key: page.evaluate(f"window.{key}") for key in ("shift", "blocked")}
                row |= page.evaluate(_SCROLL)
                rows.append(row)
                page.close()
            return medians(rows)
        finally:
            service.end()


def measure_answers(browser: Any) -> dict[str, Any]:
    """First answers after an upload, over drawn people."""
    with TemporaryDirectory() as root:
        photos = list(write_people(Path(root) / "faces", 40, 3))
        update(Path(root) / "gallery", Path(root) / "faces")
        service = Service(Path(root) / "gallery", 1)
        try:
            spent = []
            for photo in photos[: 2 * TIMES]:
                page = browser.new_page(viewport={"width": 390, "height": 844})
                page.add_init_script(_SHIFTS)
                page.goto(f"http://127.0.0.1:{service.port}/")
                page.wait_for_selector("#people li")
                ms = answer(page, photo)
                page.wait_for_timeout(500)
                spent.append({"first_answer_ms": ms, "shift": page.evaluate("window.shift")})
                page.close()
            return medians(spent)
        finally:
            service.end()


@click.command()
@click.option("--people", type=int, default=10_000, show_default=True)
def main(people: int) -> None:
    """Measure the page in Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        found = {"people": people, "home": measure_home(browser, people), "answer": measure_answers(browser)}
        browser.close()
    click.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

"""From nameless photos to right names on the page: how many clicks and keys it takes.

``python -m bench.naming_on_page FACES [--pictures FOLDER]`` copies the photos of FACES (one folder a person) into one
folder under numbers for names, indexes them, and serves them. Then somebody who knows everybody goes through the page
"Who is this?" in Chromium: types names, says yes to suggestions that are right, takes wrong faces out of piles, sets
strangers aside. The letters of names are not counted, everything else is. It prints JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.parse import quote

import click
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from bench.service import Service
from niteru.engine.photos.faces_folder import list_photos
from niteru.engine.photos.person_name import group_number
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update

KEY = "a-key-that-only-this-bench-has"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
Truth = Mapping[int, str | None]
"""Whose each face is, by its id; None for strangers."""


class Namer:
    """Somebody who knows everybody, and counts what they press.

    Args:
        page: the page "Who is this?", open.
        truth: whose each face is.

    Attributes:
        keys, clicks: how many it took, without the letters of names.
    """

    def __init__(self, page: Page, truth: Truth) -> None:
        self._page, self._truth = page, truth
        self.keys = self.clicks = 0

    def name_everybody(self) -> None:
        """Go on until every pile is done."""
        while (number := self._page.evaluate("chosen")) is not None:
            faces = self._faces(number)
            others = [face for face in faces if self._truth[face] != self._most(faces)]
            if others:
                self._take_out(number, others)
            else:
                self._decide(number, self._most(faces))
        self._page.wait_for_function("() => !isUnderWay() && piles.length === 0 && counts.total === 0", timeout=120_000)

    def _decide(self, number: int, person: str | None) -> None:
        if person is None:
            self._click("#nobody")
        elif self._is_suggested(person):
            self._press("Enter")
        else:
            self._page.locator("#name").focus()
            self._page.keyboard.insert_text(person)
            self._press("Enter")
        self._page.wait_for_function("number => chosen !== number", arg=number, timeout=120_000)

    def _is_suggested(self, person: str) -> bool:
        perhaps = self._page.evaluate("suggestion(pileOf(chosen))")
        if perhaps is None or self._page.evaluate("keyless"):
            return False
        if perhaps["group"] is None:
            return bool(perhaps["person"] == person)
        return {self._truth[face] for face in self._faces(perhaps["group"])} == {person}

    def _take_out(self, number: int, faces: list[int]) -> None:
        """Mark faces of a pile, and make a pile of them."""
        self._click("#open")
        for face in faces:
            self._click(f"#every input[value='{face}']")
        self._click("#split")
        self._page.wait_for_function(
            "faces => looked !== null && !faces.some(face => document.querySelector(`#every input[value='${face}']`))",
            arg=faces,
            timeout=120_000,
        )
        self._press("Escape")
        self._page.wait_for_function("() => !document.getElementById('pile').open")

    def _faces(self, number: int) -> list[int]:
        script = """async name => {
            const answer = await (await fetch(`${root}/people/${encodeURIComponent(name)}`)).json();
            if (!answer.faces) throw new Error(JSON.stringify(answer));
            return answer.faces.map(({ id }) => id);
        }"""
        self._page.wait_for_function("() => !isUnderWay()", timeout=120_000)
        found: list[int] = self._page.evaluate(script, f"unnamed {number}")
        return found

    def _most(self, faces: list[int]) -> str | None:
        return Counter(self._truth[face] for face in faces).most_common(1)[0][0]

    def _press(self, key: str) -> None:
        self.keys += 1
        self._page.keyboard.press(key)

    def _click(self, where: str) -> None:
        self.clicks += 1
        self._page.locator(where).click(timeout=120_000)


_OPEN = """addEventListener("load", async () => {
    for (const name of ["words", "service", "piles", "pile-in-focus", "open-pile", "naming"]) {
        const module = await import(`${document.documentElement.dataset.root}/static/${name}.js`).catch(() => ({}));
        for (const key of Object.keys(module)) Object.defineProperty(window, key, { get: () => module[key] });
    }
    window.isOpen = true;
});"""
"""What lets a test see into the page's modules."""


@contextlib.contextmanager
def browser_page(address: str, **options: Any) -> Iterator[Page]:
    """Open the page of a service in a Chromium of its own, with the key."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        with naming_page(browser, address, **options) as page:
            yield page
        browser.close()


@contextlib.contextmanager
def naming_page(browser: Browser, address: str, key: str = KEY, **options: Any) -> Iterator[Page]:
    """Open the page of a service in a browser, with a key, or without one."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.add_init_script(_OPEN)
    page.goto(f"{address}/who-is-this{f'#key={quote(key)}' if key else ''}", timeout=120_000)
    begun = "() => window.isOpen && chosen !== null && !document.querySelector('[aria-busy]')"
    page.wait_for_function(begun, timeout=120_000)
    yield page
    context.close()


def make_nameless(faces: Path, folder: Path) -> dict[str, str]:
    """Copy photos under numbers for names; whose each is."""
    photos = list_photos(faces).photos
    order = np.random.default_rng(0).permutation(len(photos)).tolist()
    folder.mkdir(parents=True)
    whose = {}
    for number, photo in zip(order, photos, strict=True):
        name = f"{number:05d}{Path(photo.ref).suffix}"
        shutil.copyfile(faces / photo.ref, folder / name)
        whose[name] = photo.person
    return whose


def truth_of(gallery: Path, named: Path, whose: Mapping[str, str]) -> dict[int, str | None]:
    """Whose each face of a nameless gallery is, by a gallery of the same photos in people's folders."""
    with closing(Gallery(named)) as opened:
        queries = opened.catalog.queries
        hashes = {ref: photo.sha256 for ref, photo in queries.photos().items()}
        known = {
            (hashes[face.photo], face.box): face.person
            for face in queries.faces(queries.face_ids()).values()
            if face.person and group_number(face.person) is None
        }
    with closing(Gallery(gallery)) as opened:
        queries = opened.catalog.queries
        hashes = {ref: photo.sha256 for ref, photo in queries.photos().items()}
        faces = queries.faces(queries.face_ids()).values()
        return {face.id: known.get((hashes[face.photo], face.box)) for face in faces}


def outcome(gallery: Path, truth: Truth) -> dict[str, int]:
    """How many people and faces have the right name, and how many faces a wrong one."""
    with closing(Gallery(gallery)) as opened:
        queries = opened.catalog.queries
        names = {face.id: face.person for face in queries.faces(queries.face_ids()).values()}
    right = [face for face, person in truth.items() if person is not None and names[face] == person]
    wrong = [face for face, name in names.items() if name is not None and name != truth[face]]
    people = {truth[face] for face in right}
    return {"people": len(people), "faces_right": len(right), "faces_wrong": len(wrong)}


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--pictures", type=click.Path(path_type=Path), help="Folder for pictures of the page on the way.")
def main(faces: Path, pictures: Path | None) -> None:
    """Name everybody in FACES on the page."""
    with TemporaryDirectory() as temporary:
        work = Path(temporary)
        whose = make_nameless(faces, work / "photos")
        update(work / "gallery", work / "photos")
        shutil.copytree(work / "gallery", work / "named")
        update(work / "named", faces)  # which knows the photos already, and learns whose they are
        truth = truth_of(work / "gallery", work / "named", whose)
        os.environ["NITERU_API_KEY"] = KEY
        service = Service(work / "gallery", workers=1)
        try:
            with browser_page(f"http://127.0.0.1:{service.port}") as page:
                groups, start = page.evaluate("counts.total"), perf_counter()
                namer = Namer(page, truth)
                namer.name_everybody()
                seconds = perf_counter() - start
                if pictures is not None:
                    page.screenshot(path=pictures / "end.png")
        finally:
            service.end()
        found = outcome(work / "gallery", truth)
    pressed = {"keys": namer.keys, "clicks": namer.clicks}
    each = round((namer.keys + namer.clicks) / max(found["people"], 1), 2)
    click.echo(json.dumps({"groups": groups, **pressed, "a_person": each, **found, "seconds": round(seconds)}))


if __name__ == "__main__":
    main()

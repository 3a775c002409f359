"""Whether everything that answers names the same look-alike first: report, HTTP, command line, Python and page.

``python -m bench.one_list FACES`` indexes labelled people, asks about each of them everywhere, and prints a Markdown
table of how many first places are the report's; beside it, what each person's first photo alone would have said. The
service, the commands and the browser are real; without a ``chromium`` on the PATH and the ``browser`` extra the page is
left out.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import click

import niteru
from bench.service import NITERU, Service
from niteru.engine.work.progress import progress_bar
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.serve.report.report import Wanted, write_report

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
First = Callable[[str], str | None]
"""Name of the look-alike that stands first in the answer about a person; None where there is none."""


def reported(gallery: Path, out: Path) -> dict[str, str]:
    """First place of everybody in the report."""
    with closing(Gallery(gallery)) as opened:
        page = write_report(opened, out, Wanted(k=1))
    people = json.loads(page.with_name("report.json").read_text(encoding="utf-8"))["people"]
    return {row["person"]: row["nearest"][0]["other_person"] for row in people if row["nearest"]}


def over_http(service: Service) -> First:
    """Ask the service about a person."""
    return lambda name: _first(_asked(service, person=name))


def by_first_photo(service: Service) -> First:
    """Ask the service with a person's first photo alone."""

    def first(name: str) -> str | None:
        photos = sorted(face["photo"] for face in _json(service, f"/people/{name}", {})["faces"])
        return _first(_asked(service, image=photos[0]))

    return first


def by_command(gallery: Path) -> First:
    """Run ``niteru similar`` about a person."""

    def first(name: str) -> str | None:
        command = [NITERU, "similar", "--person", name, "--gallery", str(gallery), "-k", "1", "--json"]
        return _first(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))

    return first


@contextmanager
def on_the_page(service: Service) -> Iterator[First | None]:
    """Choose a person on the page, and read who stands first; None without a browser."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        page = browser.new_page()

        def first(name: str) -> str | None:
            page.goto(f"http://127.0.0.1:{service.port}/")
            page.locator(".names button", has=page.get_by_text(name, exact=True)).first.click()
            return str(page.locator("#results li strong").first.inner_text())

        yield first
        browser.close()


def _asked(service: Service, **query: str) -> dict[str, Any]:
    return _json(service, "/similar", {**query, "k": "1"})


def _json(service: Service, path: str, query: dict[str, str]) -> dict[str, Any]:
    with urlopen(f"http://127.0.0.1:{service.port}{path}?{urlencode(query)}", timeout=30) as response:
        found: dict[str, Any] = json.load(response)
    return found


def _first(answer: dict[str, Any]) -> str | None:
    return answer["results"][0]["person"] if answer["results"] else None


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(faces: Path) -> None:
    """Compare the first places for the people in FACES."""
    with TemporaryDirectory() as temporary:
        gallery = Path(temporary) / "gallery"
        update(gallery, faces)
        expected = reported(gallery, Path(temporary) / "report")
        service = Service(gallery, workers=1)
        try:
            with niteru.Gallery(gallery) as python, on_the_page(service) as page:
                ways: dict[str, First | None] = {
                    "HTTP": over_http(service),
                    "command line": by_command(gallery),
                    "Python": lambda name: next(iter(python.similar(person=name, k=1))).person,
                    "page": page,
                    "the first photo alone": by_first_photo(service),
                }
                click.echo("| asked by | same first place as in the report |\n|---|---|")
                for way, first in ways.items():
                    click.echo(f"| {way} | {_agreement(way, first, expected) if first else 'no browser'} |")
        finally:
            service.end()


def _agreement(way: str, first: First, expected: dict[str, str]) -> str:
    with progress_bar(way, len(expected), "person") as bar:
        agree = 0
        for name, other in expected.items():
            agree += first(name) == other
            bar.update(1)
    return f"{agree} of {len(expected)}"


if __name__ == "__main__":
    main()

"""The report in a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from niteru.indexer.gallery import Gallery
from niteru.serve.report.page import CHUNK
from niteru.serve.report.report import write_report
from support.browser import keep, serious
from support.people import crowd, gallery_of


def test_the_report_opens_from_disk(page: Page, root: Path, drawn_crops) -> None:
    gallery = Gallery(root / "gallery")
    report = write_report(gallery, root / "report")
    gallery.close()
    page.goto(report.as_uri())
    assert page.locator(".row").count() == len(drawn_crops)
    page.locator("#search").fill(next(iter(drawn_crops))[:3])
    expect(page.locator(".row:visible")).to_have_count(1)
    page.locator("#search").fill("")
    expect(page.locator(".row:visible")).to_have_count(len(drawn_crops))
    page.locator(".row").last.scroll_into_view_if_needed()
    keep(page, "report")
    assert serious(page) == []


def test_rows_come_as_they_are_scrolled_to_searched_for_or_pointed_at(page: Page, tmp_path: Path) -> None:
    people = crowd(people=3 * CHUNK)
    gallery = gallery_of(tmp_path / "gallery", [one for one in people if one[1] < "2"])
    report = write_report(gallery, tmp_path / "report")
    gallery.close()
    page.goto(report.as_uri())
    assert page.locator(".row").count() == CHUNK, "the others are far away"
    page.locator("#search").fill("p149")
    expect(page.locator(".row:visible")).to_have_count(1)
    expect(page.locator(".row:visible h3")).to_have_text("P149")
    page.locator("#search").fill("nobody")
    expect(page.locator("#hits")).to_have_text("0 found")
    page.locator("#search").fill("")
    expect(page.locator(".row:visible")).to_have_count(2 * CHUNK)
    page.locator('.map a[title="P075"]').click()
    expect(page.locator("#p75")).to_be_in_viewport()
    expect(page.locator("#p75 h3")).to_have_text("P075")
    expect(page.locator(".row")).to_have_count(3 * CHUNK)
    page.locator(".map").scroll_into_view_if_needed()
    keep(page, "report-map")
    assert serious(page) == []

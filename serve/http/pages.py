"""Pages for people: the search page, the one to name faces on, and the report where there is one."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from niteru.engine.embedding.regions import PARTS
from niteru.engine.faces.alignment import CROP_SIZE, MOST_AROUND, TEMPLATE
from niteru.engine.failure import Failure
from niteru.indexer.ask.rarity_in_words import WORDS
from niteru.indexer.storage.report_folder import origin_of
from niteru.serve.http.access import rights
from niteru.serve.http.context import live
from niteru.serve.http.origins import frame_ancestors
from niteru.serve.http.problems_in_words import PROBLEMS_IN_WORDS
from niteru.serve.pictures.typeface import CJK
from niteru.serve.words import sentences

blueprint = Blueprint("pages", __name__)
MONTH_S = 30 * 24 * 3600


@blueprint.get("/")
def home() -> str:
    """Render the search page."""
    face = {"side": CROP_SIZE, "template": TEMPLATE.tolist(), "parts": PARTS, "around": MOST_AROUND}
    resemblance = {language: asdict(words) for language, words in WORDS.items()}
    shown = {"report": _shown() is not None, "face": face, "resemblance": resemblance}
    return render_template("home.html", **shown, **_frame(), keeps=current_app.config["KEEP_JUDGEMENTS"])


@blueprint.get("/who-is-this")
def who_is_this() -> str:
    """Render the page on which faces get names."""
    return render_template("who_is_this.html", **_frame())


@blueprint.get("/fonts/cjk.otf")
def cjk_font() -> Answer:
    """Serve the font that cards are written with, for browsers of systems that have none for Chinese and Japanese."""
    return send_from_directory(CJK.parent, CJK.name, mimetype="font/otf", max_age=MONTH_S)


@blueprint.get("/report")
def to_report() -> Answer:
    """Redirect to the report's folder."""
    return redirect(url_for("pages.report"))


@blueprint.get("/report/", defaults={"path": "index.html"})
@blueprint.get("/report/<path:path>")
def report(path: str) -> Answer:
    """Serve the report that `niteru report` wrote of this gallery, until somebody is forgotten."""
    folder = _shown()
    if folder is None and request.headers.get("Sec-Fetch-Mode") == "navigate":
        return redirect(url_for("pages.home"))  # somebody comes by a link that they kept
    if folder is None:
        raise NotFound("there is no report of the gallery as it is: run niteru report")
    feed = "application/atom+xml" if path.endswith(".atom") else None  # which few systems know
    response = send_from_directory(folder, path, mimetype=feed, max_age=0)
    response.cache_control.private = True
    # The page also opens without a server, so its style is inside it.
    response.headers["Content-Security-Policy"] = f"default-src 'self'; style-src 'unsafe-inline'; {frame_ancestors()}"
    return response


def _frame() -> dict[str, Any]:
    """What every page has: its sentences in all languages, and what the visitor may do."""
    return {"words": sentences(), "problems": PROBLEMS_IN_WORDS, "may": " ".join(sorted(rights()))}


def report_folder() -> Path:
    """Folder whose report is served, if it has one."""
    return Path(current_app.config["REPORT"]).resolve()


def _shown() -> Path | None:
    """The folder, if its report is one of this gallery that shows nobody who was forgotten since; otherwise None."""
    folder = report_folder()
    origin = origin_of(folder)
    with contextlib.suppress(Failure, sqlite3.Error):
        if origin is not None and origin == live().backend.origin():
            return folder
    return None

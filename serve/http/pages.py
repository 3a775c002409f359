"""Pages for people: the search page, and the report where there is one."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, render_template, send_from_directory, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from niteru.engine.embedding.regions import PARTS
from niteru.engine.faces.alignment import CROP_SIZE, TEMPLATE

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> str:
    """Render the search page."""
    face = {"side": CROP_SIZE, "template": TEMPLATE.tolist(), "parts": PARTS}
    return render_template("home.html", report=(_report() / "index.html").is_file(), face=face)


@blueprint.get("/report")
def to_report() -> Answer:
    """Redirect to the report's folder."""
    return redirect(url_for("pages.report"))


@blueprint.get("/report/", defaults={"path": "index.html"})
@blueprint.get("/report/<path:path>")
def report(path: str) -> Response:
    """Serve the last report that `niteru report` wrote."""
    if not (_report() / "index.html").is_file():
        raise NotFound("there is no report yet: run niteru report")
    response = send_from_directory(_report(), path, max_age=0)
    response.cache_control.private = True
    # The page also opens without a server, so its style is inside it.
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response


def _report() -> Path:
    return Path(current_app.config["REPORT"]).resolve()

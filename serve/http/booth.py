"""``/booth``: a page for visitors before a camera, its answers, and cards that their phones fetch."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, send_file, url_for
from marshmallow import RAISE, ValidationError
from werkzeug.exceptions import NotFound

from niteru.indexer.ask.asking import look_alikes
from niteru.indexer.ask.lookalike import Wish
from niteru.indexer.ask.portraits import Portrait
from niteru.indexer.ask.rarity_in_words import LANGUAGES, WORDS, Language
from niteru.serve.booth.booth import Booth
from niteru.serve.booth.cards import SharedCard
from niteru.serve.booth.settings import Settings, SettingsSchema
from niteru.serve.http.access import from_outside
from niteru.serve.http.context import THROUGH_TLS, live, opened
from niteru.serve.http.problems_in_words import PROBLEMS_IN_WORDS
from niteru.serve.http.refusals import BadParameter, WrongCode
from niteru.serve.http.uploaded_probe import uploaded_probe, uploads_in
from niteru.serve.pictures.answered import PORTRAIT, card_of
from niteru.serve.pictures.card import Card, Likeness, Shown
from niteru.serve.pictures.draw import draw_card
from niteru.serve.pictures.encoding import as_jpeg, as_png
from niteru.serve.pictures.words import called, lies_in
from niteru.serve.words import sentences

FOUND = 3
"""Look-alikes that a visitor sees."""
PASS = "niteru-booth"
"""Cookie of a device that came with the staff's code."""
blueprint = Blueprint("booth", __name__, url_prefix="/booth")


def _booth() -> Booth:
    booth: Booth = current_app.extensions["niteru-booth"]
    return booth


@blueprint.get("/", strict_slashes=False)
def page() -> str:
    """Render the booth; a device from elsewhere that was not let in is asked for the code."""
    return render_template(
        "booth.html",
        let_in=_is_let_in(),
        settings=_for_page(_booth().settings),
        words=sentences("booth"),
        problems=PROBLEMS_IN_WORDS,
    )


@blueprint.post("/pass")
def let_in() -> Response:
    """Let a device in that brings the staff's code."""
    _check_code(_json())
    response = Response(status=204)
    path, secure = f"{request.root_path}/booth", THROUGH_TLS in request.environ
    response.set_cookie(PASS, _booth().pass_, httponly=True, samesite="Strict", secure=secure, path=path)
    return response


@blueprint.post("/settings")
def change() -> Response:
    """Change the settings, with the staff's code."""
    given = _json()
    _check_code(given)
    try:
        settings: Settings = SettingsSchema(unknown=RAISE).load(given.get("settings", {}))
    except ValidationError as error:
        raise BadParameter(f"the settings cannot be used: {error}") from None
    if settings.where:
        with opened() as gallery:
            gallery.generation.columns.passing(settings.where)  # or a sentence on what is wrong
    _booth().change(settings)
    return jsonify(_for_page(settings))


@blueprint.post("/answer")
def answer() -> Response:
    """Find who a visitor looks like; of the photo nothing is kept, the card stays in memory for some minutes."""
    if not _is_let_in():
        raise WrongCode("this device was not let in: open /booth and enter the staff's code")
    booth, language = _booth(), _language()
    uploads = uploads_in({"image": request.files.getlist("image")})
    with opened() as gallery:
        probe = uploaded_probe(gallery, uploads, "main", PORTRAIT)
        found = look_alikes(live(), gallery, probe, Wish(FOUND, where=booth.settings.where))
        card = card_of(live(), gallery, probe, found)
        generation = gallery.generation.number
    shared = None
    if card.found and booth.settings.card:
        pair = draw_card(Card(card.asked, card.found[:1], card.nobody_alike), "story", language)
        shared = _shared(booth, booth.cards.put(as_png(pair), language, generation, booth.settings.card))
    return jsonify(
        asked=_picture(card.asked.face),
        found=[_found(shown, likeness) for shown, likeness in card.found],
        nobody_alike=card.nobody_alike and {one: words.nobody_alike for one, words in WORDS.items()},
        card=shared,
    )


@blueprint.get("/card/<token>")
def shared(token: str) -> tuple[str, int]:
    """Render the page that a visitor's phone opens; of a card that is gone it says so."""
    found = _fetched(token)
    language = found.language if found is not None else _language()
    page = render_template("booth_card.html", token=token, there=found is not None, language=language, say=_say)
    return page, 200 if found is not None else 404


@blueprint.get("/card/<token>.png")
def picture(token: str) -> Response:
    """Return the card's picture."""
    found = _fetched(token)
    if found is None:
        raise NotFound("this card is gone")
    return Response(found.png, content_type="image/png")


@blueprint.post("/card/<token>/gone")
def drop(token: str) -> tuple[str, int]:
    """Forget a card before its time, for whoever has its address."""
    found = _fetched(token)
    _booth().cards.drop(token)
    language = found.language if found is not None else _language()
    return render_template("booth_card.html", token=token, there=False, language=language, say=_say), 200


@blueprint.get("/trust")
def trust() -> str:
    """Render how devices are told to trust the booth's certificate."""
    return render_template("booth_trust.html", languages=LANGUAGES, say=_say)


@blueprint.get("/authority.crt")
def authority() -> Response:
    """Return the certificate of the booth's own authority, which is no secret."""
    file = _booth().at.folder / "authority.pem"
    if not file.is_file():
        raise NotFound("this booth has no authority of its own")
    return send_file(file, mimetype="application/x-x509-ca-cert", download_name="niteru-booth.crt", max_age=0)


def _is_let_in() -> bool:
    return not from_outside() or _booth().is_pass(request.cookies.get(PASS, ""))


def _json() -> dict[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise BadParameter("send a JSON object")
    return given


def _check_code(given: dict[str, Any]) -> None:
    if not _booth().is_code(str(given.get("code", ""))):
        raise WrongCode("this is not the code that niteru serve --booth printed")


def _language() -> Language:
    wanted = request.args.get("language", "")
    return next((one for one in LANGUAGES if one == wanted), _booth().settings.language)


def _fetched(token: str) -> SharedCard | None:
    with opened() as gallery:
        return _booth().cards.get(token, gallery.generation.number)


def _say(key: str, language: Language, **values: object) -> str:
    return str(sentences("booth")[key][language]).format(**values)


def _for_page(settings: Settings) -> dict[str, Any]:
    return {**asdict(settings), "where": list(settings.where)}


def _found(shown: Shown, likeness: Likeness) -> dict[str, Any]:
    """One look-alike, said in every language, for the visitor may change it."""
    return {
        "picture": _picture(shown.face),
        "name": {one: called(shown.name, one) for one in LANGUAGES},
        "degree": {one: likeness.degree(one) for one in LANGUAGES},
        "frequency": {one: f"{likeness.frequency(one)} · {likeness.sureness(one)}" for one in LANGUAGES},
        "why": {one: lies_in(likeness.why, one) for one in LANGUAGES},
    }


def _picture(face: Portrait | None) -> str | None:
    """A portrait as an address that holds the picture itself, so that the page need not fetch it."""
    if face is None:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(as_jpeg(face.pixels)).decode()}"


def _shared(booth: Booth, token: str) -> dict[str, Any]:
    import segno  # of the extra that a booth needs

    address = booth.at.https + url_for("booth.shared", token=token)
    code = segno.make(address, error="m").svg_data_uri(scale=4, border=2, dark="#211c22", light="#fff")
    return {"address": address, "code": code, "minutes": booth.settings.card}

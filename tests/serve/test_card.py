"""Cards to share: their formats, whom they show and how sharp, what stands on them, and names in every script."""

import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from niteru.engine.faces.detector import load_detector
from niteru.engine.photos.decode import read_picture
from niteru.indexer.ask.how_sure import Interval
from niteru.indexer.ask.portraits import Portrait, portrait_in
from niteru.indexer.ask.rarity_in_words import Language, grade_in_words
from niteru.indexer.update.enrol import update
from niteru.serve.pictures import typeface
from niteru.serve.pictures.answered import PORTRAIT
from niteru.serve.pictures.card import GAP, HEIGHTS, MARGIN, WIDTH, Card, Format, Likeness, Shown
from niteru.serve.pictures.draw import draw_card
from niteru.serve.pictures.drawing import ACCENT, INK, PAPER, SOFT
from niteru.serve.pictures.lines import Style, fitted, wrapped, write_line
from niteru.serve.pictures.words import lies_in
from support.drawings import draw_folder, drawn
from support.service import client

FACE = Portrait(np.full((200, 200, 3), 120, np.uint8), 0.1)
ALIKE = Likeness(0.0004, Interval(0.0001, 0.001), False)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a ``gallery`` of whole photographs of drawn people, not of crops."""
    root = tmp_path_factory.mktemp("card")
    draw_folder(root / "photos", 5, 2)
    update(root / "gallery", root / "photos")
    return root


@pytest.fixture(scope="module")
def asked(photos: Path) -> FlaskClient:
    return client(photos)


@pytest.fixture(scope="module")
def names(asked: FlaskClient) -> list[str]:
    return [one["person"] for one in asked.get("/people").json["people"]]


@pytest.fixture(scope="module")
def visitor() -> bytes:
    """Photo of a drawn person who is not in the gallery."""
    return cv2.imencode(".png", cv2.cvtColor(drawn(7).image, cv2.COLOR_RGB2BGR))[1].tobytes()


@pytest.fixture
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(typeface, "_SYSTEM", ())
    typeface._files.cache_clear()
    yield
    typeface._files.cache_clear()


def picture_of(reply) -> np.ndarray:
    assert (reply.status_code, reply.content_type) == (200, "image/png"), reply.json
    return np.asarray(Image.open(io.BytesIO(reply.data)).convert("RGB"))


def stands_on(picture: Image.Image | np.ndarray, text: str, style: Style) -> bool:
    """Whether a text stands somewhere on a picture, as it is drawn alone, at whatever fraction of a pixel it begins."""
    grey = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    return any(alike_somewhere(grey, text, style, begin) > 0.93 for begin in (2, 2.5))


def alike_somewhere(grey: np.ndarray, text: str, style: Style, begin: float) -> float:
    alone = Image.new("RGB", (round(style.width(text)) + 4, style.size * 2), PAPER)
    write_line(ImageDraw.Draw(alone), (begin, round(style.size * 1.4)), text, style)
    sought = np.asarray(alone.convert("L"))
    ink = np.argwhere(sought < int(sought.max()) - 30)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
    return float(cv2.matchTemplate(grey, sought[top:bottom, left:right].copy(), cv2.TM_CCOEFF_NORMED).max())


@pytest.mark.parametrize("format", HEIGHTS)
@pytest.mark.parametrize("k", [1, 3])
def test_a_card_has_the_size_of_its_format_and_names_the_look_alikes(
    asked: FlaskClient, names: list[str], format: Format, k: int
) -> None:
    picture = picture_of(asked.get("/card.png", query_string={"person": names[0], "k": k, "format": format}))
    assert picture.shape == (HEIGHTS[format], WIDTH, 3)
    rows = asked.get("/similar", query_string={"person": names[0], "k": k}).json["results"]
    style = Style(48 if k == 1 else 36, INK, bold=True)
    assert all(stands_on(picture, row["person"], style) for row in rows)
    others = set(names) - {row["person"] for row in rows} - {names[0]}
    assert not any(stands_on(picture, name, style) for name in others)


@pytest.mark.parametrize("language", ["en", "ja", "zh-Hant"])
def test_a_pair_says_how_alike_and_where(asked: FlaskClient, names: list[str], language: Language) -> None:
    query = {"person": names[0], "other": names[3], "language": language}
    picture = picture_of(asked.get("/card.png", query_string=query))
    told = {"person": names[0], "other": names[3], "mode": "all", "k": 1, "explain": 1}
    row = asked.get("/similar", query_string=told).json["results"][0]
    degree = grade_in_words(row["rarity"], language)
    assert stands_on(picture, degree[:1].upper() + degree[1:], Style(76, ACCENT, True, language))
    assert stands_on(picture, lies_in(row["why"], language), Style(36, SOFT, False, language))
    assert stands_on(picture, names[3], Style(48, INK, True, language))


def test_the_visitor_is_as_sharp_as_their_photo(asked: FlaskClient, visitor: bytes, photos: Path) -> None:
    before = sorted(photos.rglob("*"))
    picture = picture_of(asked.post("/card.png?k=3", data={"image": (io.BytesIO(visitor), "me.png")}))
    decoded = read_picture(visitor)
    detector = load_detector()
    face = detector.detect(decoded.pixels)[0]
    width, height = round(300 * 0.84), 300
    shown = picture[MARGIN : MARGIN + height, MARGIN : MARGIN + width].astype(int)[20:-20, 20:-20]

    def apart(pixels: np.ndarray) -> float:
        square = np.asarray(Image.fromarray(pixels).resize((height, height), Image.Resampling.LANCZOS), int)
        beside = (height - width) // 2
        return float(np.abs(square[:, beside : beside + width][20:-20, 20:-20] - shown).mean())

    sharp = portrait_in(decoded, face.landmarks, PORTRAIT).pixels
    small = np.asarray(Image.fromarray(sharp).resize((112, 112)))
    assert apart(sharp) < 1
    assert apart(sharp) < apart(small) / 2
    assert sorted(photos.rglob("*")) == before, "nothing of it is kept"


def test_what_cannot_be_drawn_is_told(asked: FlaskClient, names: list[str]) -> None:
    wrong = {
        "": "missing-image",
        "image=no/body.png": "image-not-found",
        "image=face:1&k=2": "bad-parameter",
        "image=face:1&format=poster": "bad-parameter",
        "image=face:1&language=xx": "bad-parameter",
        "image=face:1&other=nobody": "person-not-found",
    }
    for query, kind in wrong.items():
        assert asked.get(f"/card.png?{query}").json["type"] == kind
    assert asked.post("/card.png").json["type"] == "missing-image"
    by_photo = picture_of(asked.get("/card.png?image=face:1"))
    assert by_photo.shape == (1080, 1080, 3)


LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis von und zu Hohenlohe-Waldenburg-Schillingsfürst the Third"


@pytest.mark.parametrize("name", ["", "A", LONG, "عبد الرحمن", "👩‍🚀", "山田" * 40, "W" * 200])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_name_leaves_the_card(name: str, count: int) -> None:
    for format, height in HEIGHTS.items():
        picture = draw_card(Card(Shown(name, FACE), [(Shown(name, FACE), ALIKE)] * count), format)
        assert picture.size == (WIDTH, height)
        edges = np.asarray(picture)
        for strip in (edges[:, : MARGIN - 8], edges[:, -MARGIN + 8 :]):
            assert np.array_equal(strip, np.broadcast_to(edges[0, 0], strip.shape))


def test_a_group_is_called_as_on_the_page() -> None:
    card = Card(Shown("", FACE), [(Shown("unnamed 12", None), ALIKE)])
    assert stands_on(draw_card(card, "square", "en"), "Unnamed 12", Style(48, INK, bold=True))
    assert stands_on(draw_card(card, "square", "ja"), "名前のない人 12", Style(48, INK, True, "ja"))


def test_whoever_may_be_the_same_person_is_told_so() -> None:
    same = Likeness(0.00001, Interval(0.000001, 0.0001), True, {"eyes": 1.0})
    style = Style(76, ACCENT, bold=True)
    assert stands_on(draw_card(Card(Shown("", FACE), [(Shown("Ada", FACE), same)])), "May be the same person", style)


def test_the_tint_lies_where_the_likeness_does() -> None:
    def drawn_with(why: dict[str, float]) -> np.ndarray:
        likeness = Likeness(0.1, Interval(0.1, 0.1), False, why)
        picture = np.asarray(draw_card(Card(Shown("", FACE), [(Shown("", FACE), likeness)])), int)
        return picture[MARGIN : MARGIN + 540, MARGIN : MARGIN + (WIDTH - 2 * MARGIN - GAP) // 2, 0]

    plain, eyes, mouth = drawn_with({}), drawn_with({"eyes": 1.0}), drawn_with({"mouth": 1.0})
    assert np.argwhere(eyes - plain > 20)[:, 0].mean() + 100 < np.argwhere(mouth - plain > 20)[:, 0].mean()


SCRIPTS = [
    "花子 山田",
    "髙橋 﨑子",
    "王小明 瑄",
    "Łukasz Žižka",
    "محمد",
    "Αθηνά",
    "Владимир",
    "O'Brien-Núñez",
    "김민준",
]
MORE_SCRIPTS = ["देवी प्रसाद", "สมหญิง", "তাসনিম", "கண்ணன்", "עדה", "Ada 山田", "😀", "👩‍🚀 Mia 🎉", "ម៉ានី", "አበበ"]


@pytest.mark.usefixtures("no_system_fonts")
@pytest.mark.parametrize("name", SCRIPTS + MORE_SCRIPTS)
def test_a_name_is_never_boxes_and_loses_no_letter(name: str) -> None:
    for bold in (False, True):
        assert typeface.legible(name, bold=bold) == name
        pieces = typeface.runs(name, 40, bold=bold)
        assert sorted("".join(piece.text for piece in pieces)) == sorted(name)
        for piece in pieces:
            missing = bytes(piece.font.getmask("\U0010fffe"))
            assert all(bytes(piece.font.getmask(letter)) != missing for letter in piece.text if letter.isalpha())


def test_letters_of_every_script_stand_on_one_line() -> None:
    feet = []
    for text in ("H", "土"):
        picture = Image.new("L", (400, 200), 255)
        write_line(ImageDraw.Draw(picture), (20, 120), text, Style(100, "black"))
        feet.append(int(np.flatnonzero((np.asarray(picture) < 128).any(axis=1))[-1]))
    assert feet[1] == pytest.approx(feet[0], abs=12)


@pytest.mark.skipif(not typeface.SHAPES, reason="Pillow was built without raqm")
def test_scripts_are_shaped() -> None:
    def ink(text: str, language: Language = "en") -> bytes:
        picture = Image.new("L", (200, 100), 255)
        write_line(ImageDraw.Draw(picture), (10, 70), text, Style(50, "black", language=language))
        return picture.tobytes()

    assert ink("骨", "ja") != ink("骨", "zh-Hant"), "the two have forms of their own"
    apart = sum(Style(50, "black").width(letter) for letter in "محمد")
    assert Style(50, "black").width("محمد") != pytest.approx(apart), "the letters are joined"


def test_what_no_font_has_is_left_out() -> None:
    assert typeface.legible("Ada \ue000") == "Ada"
    assert typeface.runs("\ue000", 40) == []


def test_lines_are_even_and_end_where_they_may() -> None:
    style = Style(28, SOFT)
    assert fitted("1 pair in 250,000 is this alike", style, 301, 2, 28).lines == ["1 pair in 250,000", "is this alike"]
    lines = wrapped("これほど似ているのは 2,500 組に 1 組", style, 301, 2)
    assert lines == ["これほど似ているのは", "2,500 組に 1 組"]
    assert wrapped("W" * 90, style, 300, 2)[1].endswith("…")

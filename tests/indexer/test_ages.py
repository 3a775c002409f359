"""Who looked like somebody at an age: two generations, people without an age, relatives, every way to ask."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

import niteru
from niteru.engine.embedding.embedder import Embedder
from niteru.indexer.ask.ages import Ages, AgeUnknown, BadAge
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives.told import BadFact, Told
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.naming import name, say, take_back, tell
from niteru.scripts.names import command as names
from niteru.scripts.similar import command as similar
from support.drawn import DrawnFolder
from support.people import gallery_of
from support.service import KEY, client

BORN = {"Mary": 1931, "Lucy": 1960, "Tom": 1933, "Ada": 1958, "Bo": 1990, "Cy": 1940, "Di": 1945}
LIFE = range(5, 70, 5)
OTHERS = 18


def _alike(middle: np.ndarray, dice: np.random.Generator, apart: float = 0.45) -> np.ndarray:
    vector = middle + dice.normal(scale=apart, size=len(middle))
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mary and her daughter Lucy, alike at 20; at 60 Mary looks like Tom. Others, some of whom have no age."""
    root, dice, size = tmp_path_factory.mktemp("ages"), np.random.default_rng(5), Embedder().info.dimension
    young, old = dice.normal(size=size), dice.normal(size=size)
    rows = []
    for who, born in BORN.items():
        own = dice.normal(size=size)
        for age in LIFE:
            middle = own
            if who in ("Mary", "Lucy") and 15 <= age <= 25:
                middle = young
            elif who in ("Mary", "Tom") and age >= 55:
                middle = old
            if born + age <= 2020:
                rows.append((who, f"{born + age}/{age}.png", _alike(middle, dice)))
    for number in range(OTHERS):
        middle = dice.normal(size=size)
        place = "1951/" if number % 2 else ""
        rows += [(f"P{number:02d}", f"{place}a{photo}.png", _alike(middle, dice)) for photo in range(3)]
    gallery_of(root / "gallery", rows).close()
    for who, born in BORN.items():
        say(root / "gallery", tell([who], Told(born)), publish=False)
    say(root / "gallery", tell(["P00"], Told(1930)), publish=False)
    say(root / "gallery", tell(["Mary"], Told(family=("Lovelace",))), publish=False)
    say(root / "gallery", tell(["Lucy"], Told(family=("Lovelace", "King"))))
    return root


@pytest.fixture(scope="module")
def gallery(made: Path) -> niteru.Gallery:
    return niteru.Gallery(made / "gallery")


@pytest.fixture(scope="module")
def asked(made: Path) -> FlaskClient:
    return client(made, KEY)


def test_two_generations_at_one_age(gallery: niteru.Gallery) -> None:
    young, old = gallery.similar(person="Mary", age=20), gallery.similar(person="Mary", age="55..65")
    assert young[0].person == "Lucy" and old[0].person == "Tom"
    assert set(young[0].ages) == {20} and set(young[0].photos) == {"Lucy/1980/20.png"}
    assert young[0].related and not old[0].related
    assert {match.person for match in young} == BORN.keys() - {"Mary"}, "all others, and nobody without an age"
    assert all(age == 20 for match in young for age in match.ages)
    assert young[0].rarity < 0.02 < gallery.similar(person="Mary", age=40)[0].rarity
    assert gallery.similar(person="Lucy", age=20)[0].person == "Mary"
    assert young.note == (
        f"{OTHERS} people are left out, for nobody knows how old they are: {OTHERS - 1} without a year of birth, "
        "1 without a photo that has a date"
    )


def test_a_photo_is_asked_about_among_people_at_an_age(gallery: niteru.Gallery) -> None:
    by_person = gallery.similar("Mary/1951/20.png", age="19..21")
    assert by_person.asked == "photo" and by_person[0].person == "Lucy" and by_person[0].ages == (20,)
    by_face = gallery.similar("Mary/1951/20.png", age="10..30", by="face", k=40)
    ages = [age for match in by_face for age in match.ages]
    assert {match.person for match in by_face} == BORN.keys() - {"Mary"} and set(ages) == {10, 15, 20, 25, 30}
    assert [match.person for match in by_face[:3]] == ["Lucy"] * 3
    everybody = gallery.similar("Mary/1951/20.png", age="20..20", mode="all")
    assert everybody[0].person == "Mary" and everybody[0].photos == ("Mary/1951/20.png",)
    with pytest.raises(niteru.Failure, match="compared with people"):
        gallery.similar(person="Mary", age=20, by="face")


def test_who_has_no_age_is_told_so(gallery: niteru.Gallery) -> None:
    with pytest.raises(AgeUnknown, match=r'when P01 was born.*niteru name "P01" --born YEAR'):
        gallery.similar(person="P01", age=20)
    with pytest.raises(AgeUnknown, match="none of the photos of P00 has a date"):
        gallery.similar(person="P00", age=20)
    with pytest.raises(AgeUnknown, match=r"shows Mary at 90 to 95: they show Mary at 5, 10, 15, .*65$"):
        gallery.similar(person="Mary", age="90..95")
    nobody = gallery.similar("Mary/1951/20.png", age="101..102")
    assert not nobody and nobody.note.startswith("no photo shows anybody else at 101 to 102; ")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("20", 18, 22), ("0", 0, 1), ("4", 3, 5), ("70", 63, 77), ("18..25", 18, 25), ("60..", 60, 130), (" ..3", 0, 3)],
)
def test_an_age_means_a_tenth_more_or_less(text: str, low: int, high: int) -> None:
    assert Ages.parse(text) == Ages(low, high)


@pytest.mark.parametrize("text", ["", "..", "old", "-3", "25..18", "131", "1.5", "0..200", "２０"])
def test_what_is_no_age_is_refused(text: str, asked: FlaskClient) -> None:
    with pytest.raises(BadAge, match="is no age"):
        Ages.parse(text)
    reply = asked.get("/similar", query_string={"person": "Mary", "age": text})
    assert (reply.status_code, reply.json["type"]) == (400, "bad-parameter")


def test_a_service_answers_with_ages(asked: FlaskClient) -> None:
    body = asked.get("/similar?person=Mary&age=20").json
    assert body["query"]["age"] == {
        **{"from": 18, "to": 22, "people": len(BORN)},
        **{"without_birth_year": OTHERS - 1, "without_date": 1},
    }
    assert (body["query"]["face"]["taken"], body["query"]["face"]["age"]) == ("1951", 20)
    first = body["results"][0]
    assert (first["person"], first["related"]) == ("Lucy", True)
    assert [(face["taken"], face["age"]) for face in first["faces"]] == [("1980", 20)]
    plain = asked.get("/similar?person=Mary").json
    assert "age" not in plain["query"] and "note" not in plain["query"]
    for query, kind in (("person=P01&age=20", "age-unknown"), ("person=Nobody&age=20", "person-not-found")):
        reply = asked.get(f"/similar?{query}")
        assert (reply.status_code, reply.json["type"]) == (404, kind)
    shown = {face["photo"]: face for face in asked.get("/people/Mary").json["faces"]}
    assert (shown["Mary/1996/65.png"]["taken"], shown["Mary/1996/65.png"]["age"]) == ("1996", 65)
    one = asked.get(f"/faces/{shown['Mary/1996/65.png']['id']}").json
    assert (one["taken"], one["age"]) == ("1996", 65)


def test_relatives_are_left_out_where_that_is_asked_for(gallery: niteru.Gallery, asked: FlaskClient) -> None:
    with_her, without = gallery.similar(person="Mary", k=30), gallery.similar(person="Mary", k=30, not_related=True)
    assert {one.person for one in with_her} - {one.person for one in without} == {"Lucy"}
    assert [one.person for one in with_her if one.related] == ["Lucy"]
    assert "Lucy" not in {one.person for one in gallery.similar("Mary/1951/20.png", k=30, not_related=True)}
    assert gallery.similar(person="Tom", not_related=True).note == (
        "no relative of Tom is known, so nobody is left out as one"
    )
    body = asked.get("/similar?person=Mary&not_related=1&age=20&k=100").json
    assert body["query"]["relatives"] == 1 and "Lucy" not in {row["person"] for row in body["results"]}
    assert asked.get("/similar?person=Mary&not_related=2").status_code == 400
    pairs = asked.get("/pairs?k=100").json["pairs"]
    assert [{one["one"], one["other"]} for one in pairs if one["related"]] in ([], [{"Mary", "Lucy"}])
    assert any(not one["related"] for one in pairs)


def test_the_command_says_how_old_everybody_is(made: Path) -> None:
    run = CliRunner().invoke
    place = ["--gallery", str(made / "gallery")]
    told = run(similar, ["--person", "Mary", "--age", "20", *place])
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[0] == "Mary, at 18 to 22, looks like"
    assert lines[1].startswith("  1. Lucy, of one family  ") and lines[2] == "     at 20, 1980: Lucy/1980/20.png"
    assert lines[-1].startswith(f"{OTHERS} people are left out")
    answer = json.loads(run(similar, ["--person", "Mary", "--age", "20", "--json", *place]).output)
    assert answer["results"][0]["faces"][0]["age"] == 20
    refused = run(similar, ["--person", "P01", "--age", "20", *place])
    assert refused.exit_code == 1 and "nobody knows when P01 was born" in refused.output


def _table(faces: DrawnFolder, **more: str) -> Path:
    """Everybody with a birth year, a family for the first two, and each photo taken when they were 20, 30, 40."""
    lines = ["path,person,生年月日,family,撮影日"]
    for number, who in enumerate(faces.names):
        for at, photo in enumerate(sorted((faces.folder / who).iterdir())):
            born = more.get(who, f"{1900 + 10 * number}-04-05")
            family = "Lovelace Byron" if number < 2 else ""
            lines.append(f"faces/{who}/{photo.name},{who},{born},{family},{1920 + 10 * number + 10 * at}")
    table = faces.folder.parent / "people.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    return table


def test_ages_are_there_in_every_backend_until_somebody_is_forgotten(
    address: str, faces: DrawnFolder, tmp_path: Path
) -> None:
    first, second, third = faces.names[:3]
    gallery = niteru.Gallery(address)
    summary = gallery.index(_table(faces), crops=True)
    assert (summary.dated, summary.disputed) == (18, {})
    found = gallery.similar(person=first, age=30)
    assert len(found) == 5 and all(set(one.ages) == {30} for one in found)
    assert [one.person for one in found if one.related] == [second]
    gallery.name(second, family="Unmistakable Family")
    gallery.name(third, born=1700 + 52)
    gallery.close()
    assert {one.name: one.columns for one in gallery.people()}[second]["family"] == ["Unmistakable Family"]
    assert {one.name: one.columns for one in gallery.people()}[third]["生年月日"] == ["1752"]
    assert not any(one.related for one in gallery.similar(person=first, age=30))
    gallery.close()
    copy_gallery(address, tmp_path / "copy")
    there = niteru.Gallery(tmp_path / "copy").similar(f"faces/{third}/{third}_0001.png", k=1, mode="all")
    assert there[0].ages[0] == 1940 - 1752
    assert gallery.forget(second).clean
    with closing(Gallery(address)) as opened:
        assert not opened.catalog.facts.people() - {third}
        assert not [file for file in opened.backend.files() if b"Unmistakable" in file.read_bytes()]


def test_contradicting_birth_years_are_told_and_settled_by_hand(faces: DrawnFolder, tmp_path: Path) -> None:
    first = faces.names[0]
    table = _table(faces, **{first: "1900; 1902"})
    summary = update(tmp_path / "gallery", table, crops=True)
    assert summary.disputed == {first: [1900, 1902]} == summary.to_dict()["disputed"]
    gallery = niteru.Gallery(tmp_path / "gallery")
    with pytest.raises(AgeUnknown, match="1900 and 1902, as the table has it: say which"):
        gallery.similar(person=first, age=20)
    gallery.name(first, born=1902)
    gallery.close()
    assert gallery.similar(person=first, age="18..20")[0].ages == (20,)
    assert update(tmp_path / "gallery", table, crops=True).disputed == {}


def test_what_cannot_be_told_is_refused_and_changes_nothing(made: Path, asked: FlaskClient) -> None:
    folder = made / "gallery"
    for told in (Told(1066), Told(2999), Told(family=("a;b",)), Told(family=(" ",)), Told(family=("x" * 201,))):
        with pytest.raises(BadFact):
            say(folder, tell(["Mary"], told), publish=False)
    with closing(Gallery(folder)) as gallery:
        face = gallery.catalog.queries.faces_of_person("Mary")[0].id
    with pytest.raises(niteru.Failure, match="is a face, and this is told of people"):
        say(folder, tell([f"face:{face}"], Told(1931)), publish=False)
    owner = {"Authorization": f"Bearer {KEY}"}
    for what in ({"born": "1931"}, {"born": 1931.5}, {"family": "x"}, {"born": 1931, "split": True}, {"family": None}):
        reply = asked.post("/names", json={"who": ["Mary"], **what}, headers=owner)
        assert (reply.status_code, reply.json["type"]) == (400, "bad-parameter"), what
    with pytest.raises(niteru.Failure, match="nothing is said"):
        niteru.Gallery(folder).name("Mary")


def test_a_service_is_told_and_takes_back(made: Path, asked: FlaskClient) -> None:
    owner = {"Authorization": f"Bearer {KEY}"}
    reply = asked.post("/names", json={"who": ["P01"], "born": 1931, "family": ["King"]}, headers=owner)
    assert (reply.status_code, reply.json) == (200, {"faces": 3, "name": "P01"})
    with closing(Gallery(made / "gallery")) as gallery:
        assert [(one.person, one.value) for one in gallery.catalog.facts.all()[-2:]] == [
            ("P01", "1931"),
            ("P01", "King"),
        ]
    assert asked.delete("/names/last", headers=owner).status_code == 200
    with closing(Gallery(made / "gallery")) as gallery:
        assert "P01" not in gallery.catalog.facts.people()


def test_a_group_has_no_birth_year_until_it_has_a_name(tmp_path: Path) -> None:
    dice, size = np.random.default_rng(2), Embedder().info.dimension
    middles = dice.normal(size=(3, size))
    rows = [("", f"1951/{who}-{photo}.png", _alike(middles[who], dice, 0.3)) for who in range(3) for photo in range(4)]
    gallery_of(tmp_path / "gallery", rows).close()
    with pytest.raises(niteru.Failure, match=r"unnamed 1 has no name yet.*niteru name 1 NAME"):
        say(tmp_path / "gallery", tell(["1"], Told(1931)))
    with pytest.raises(niteru.Failure, match="unnamed 2 has no name yet"):
        say(tmp_path / "gallery", name(["1"], "unnamed 2", Told(1931)))
    say(tmp_path / "gallery", name(["1"], "Mary", Told(1931)))
    gallery = niteru.Gallery(tmp_path / "gallery")
    assert gallery.similar("Mary", mode="all", k=1)[0].ages[0] == 20
    say(tmp_path / "gallery", take_back())
    gallery.close()
    assert not gallery.people() and len(gallery.groups()) == 3


def test_whoever_is_on_no_photo_now_is_forgotten_all_the_same(faces: DrawnFolder, tmp_path: Path) -> None:
    first = faces.names[0]
    update(tmp_path / "gallery", faces.folder, crops=True)
    say(tmp_path / "gallery", tell([first], Told(1931, ("Unmistakable Family",))))
    for photo in (faces.folder / first).iterdir():
        photo.unlink()
    update(tmp_path / "gallery", faces.folder, crops=True)
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        assert gallery.catalog.facts.people() == {first}, "kept, should the photos come back"
    assert forget(tmp_path / "gallery", first).clean
    with closing(Gallery(tmp_path / "gallery")) as gallery:
        assert not gallery.catalog.facts.all()
        assert not [file for file in gallery.backend.files() if b"Unmistakable" in file.read_bytes()]


def test_the_table_of_names_carries_what_was_told(faces: DrawnFolder, tmp_path: Path) -> None:
    """Names, birth years and families go out as a table, and come in again with it."""
    first, second, third = faces.names[:3]
    update(tmp_path / "gallery", faces.folder, crops=True)
    say(tmp_path / "gallery", name([first], "Aunt Mary", Told(1931, ("Lovelace", "King"))))
    say(tmp_path / "gallery", tell([second], Told(born=1960)))
    place, table = ["--gallery", str(tmp_path / "gallery")], tmp_path / "names.csv"
    told = json.loads(CliRunner().invoke(names, ["--csv", str(table), "--json", *place]).output)
    assert told["people"] == [
        {"person": "Aunt Mary", "born": "1931", "family": "Lovelace;King"},
        {"person": second, "born": "1960"},
    ]
    assert {face["person"] for face in told["faces"]} == {"Aunt Mary"}, "names that a folder gives are not listed"
    listed = CliRunner().invoke(names, place).output
    assert "Aunt Mary  born: 1931, family: Lovelace, King" in listed and f"{second}  born: 1960" in listed
    update(tmp_path / "again", table, crops=True)
    with closing(Gallery(tmp_path / "again")) as gallery:
        ids = {who: person for person, who, _ in gallery.queries.people()}
        lives = gallery.generation.columns.lives
        assert lives.born == {ids["Aunt Mary"]: 1931, ids[second]: 1960}
        assert lives.families == {ids["Aunt Mary"]: {"lovelace", "king"}}
    assert third not in ids

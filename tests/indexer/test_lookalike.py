"""Look-alikes over a real gallery whose vectors are set to known angles."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from niteru.engine.faces.alignment import TEMPLATE
from niteru.engine.faces.extraction import DetectedFace
from niteru.engine.faces.face import Face
from niteru.indexer.ask.catalogued import Catalogued
from niteru.indexer.ask.lookalike import Answer, Question, ask
from niteru.indexer.ask.neighbours import neighbours
from niteru.indexer.ask.persons import DAMPING, everybody
from niteru.indexer.ask.relatives import Relatives
from niteru.indexer.ask.resemblance import PersonRows, Resemblance, scale
from niteru.indexer.ask.same_person import SamePerson
from niteru.indexer.ask.stats import stats
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.rows import PhotoFile
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.canary import Canary
from niteru.indexer.generations.generation import Contents, IndexChoice
from niteru.indexer.generations.hubness import Strangers, hubs
from niteru.indexer.generations.lives import Lives
from niteru.indexer.generations.rarity_calibration import model_calibration
from niteru.indexer.storage.local.generation_store import LocalGenerationStore

SILENT = Canary(np.empty((0, 112, 112, 3), np.uint8), np.empty((0, 2), np.float32))
MODEL = {"0.1": 0.0, "0.01": 0.75, "0.001": 0.9, "0.00001": 0.96}


def at(degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle), 0], np.float32)


@pytest.fixture
def build(tmp_path: Path):
    """Make a gallery of people at angles: ``build(ada=[0, 5], bo=[40])``."""
    opened = []

    def make(**people: list[float]) -> Gallery:
        catalog = Catalog(tmp_path / "catalog.sqlite")
        face = DetectedFace(Face((0, 0, 112, 112), TEMPLATE, 1.0), np.zeros((112, 112, 3), np.uint8), ())
        with catalog.transaction():
            for name, angles in people.items():
                for number, angle in enumerate(angles):
                    file = PhotoFile(f"{name}/{number}.jpg", name, "", 1, 1, "crops", None)
                    catalog.put_photo(file, [(face, at(angle))], "m")
        ids, who = catalog.queries.labelled_faces("m")
        vectors = catalog.queries.vectors(ids)
        contents = Contents(
            model="m",
            detector="crops",
            face_ids=ids,
            person_ids=who,
            taken=np.zeros_like(ids),
            vectors=vectors,
            strangers=Strangers.drawn(vectors, who),
            calibration=model_calibration(MODEL),
            canary=SILENT,
        )
        LocalGenerationStore(tmp_path).publish(contents, IndexChoice())
        catalog.close()
        opened.append(Gallery(tmp_path))
        return opened[-1]

    yield make
    for gallery in opened:
        gallery.close()


def names(rows: list) -> list[str]:
    return [row.person for row in rows]


def person_id(gallery: Gallery, name: str) -> int:
    return next(number for number, known, _ in gallery.catalog.queries.people() if known == name)


def test_an_answer_has_one_row_a_person_the_most_similar_first(build) -> None:
    gallery = build(ada=[0, 3], bo=[40, 90], cy=[60, 30], di=[180])
    answer = ask(gallery, Question(at(0), person_id(gallery, "ada")))
    assert names(answer.results) == ["cy", "bo", "di"]
    assert answer.results[0].similarity == pytest.approx(np.cos(np.deg2rad(30)), abs=1e-5)
    assert [hit.face.photo for hit in answer.results[0].hits] == ["cy/1.jpg", "cy/0.jpg"]
    assert answer.results[0].rarity < answer.results[1].rarity
    assert not any(row.same_person for row in answer.results)


def test_who_may_be_the_same_person_is_marked_in_their_place(build) -> None:
    gallery = build(ada=[0], bo=[2], cy=[60])
    answer = ask(gallery, Question(at(0), person_id(gallery, "ada")))
    assert [(row.person, row.same_person) for row in answer.results] == [("bo", True), ("cy", False)]
    everything = ask(gallery, Question(at(0), person_id(gallery, "ada"), mode="all"))
    assert names(everything.results) == ["ada", "bo", "cy"]


def test_among_many_faces_one_must_be_nearer_to_be_the_same_person(build) -> None:
    """As near as one photo of a stranger is by chance once in 1,000, one of hundred is much more often."""
    limit = float(np.rad2deg(np.arccos(SamePerson.by_faces(build(ada=[0], bo=[90]).generation).faces))) - 0.5
    few = build(ada=[0], bo=[limit])
    assert ask(few, Question(at(0), person_id(few, "ada"))).results[0].same_person
    photos = build(ada=[0], bo=[limit, *range(90, 180)])
    assert not ask(photos, Question(at(0), person_id(photos, "ada"))).results[0].same_person
    people = build(ada=[0], bo=[limit], **{f"p{angle}": [angle] for angle in range(90, 180)})
    assert not ask(people, Question(at(0), person_id(people, "ada"))).results[0].same_person


def test_nobody_is_called_alike_where_even_the_nearest_is_common(build) -> None:
    gallery = build(ada=[0], bo=[60], cy=[80])
    answer = ask(gallery, Question(at(0), person_id(gallery, "ada")))
    assert answer.nobody_alike
    assert names(answer.results) == ["bo", "cy"], "and the nearest are shown all the same"
    assert not ask(gallery, Question(at(50))).nobody_alike
    assert not Answer([], 1e-4).nobody_alike
    assert not replace(answer, rarest=0.1).nobody_alike, "three pairs are too few to tell"


def test_near_duplicate_photos_are_folded_into_one(build) -> None:
    gallery = build(ada=[0], bo=[40, 40.5, 41, 80])
    row = ask(gallery, Question(at(0), person_id(gallery, "ada"))).results[0]
    assert [hit.face.photo for hit in row.hits] == ["bo/0.jpg", "bo/3.jpg"]


def test_a_flood_of_photos_of_one_person_does_not_hide_the_others(build) -> None:
    gallery = build(ada=[0], bo=[20 + i / 50 for i in range(400)], cy=[60], di=[70], ed=[80])
    answer = ask(gallery, Question(at(0), person_id(gallery, "ada"), k=4))
    assert names(answer.results) == ["bo", "cy", "di", "ed"]


def test_an_answer_can_be_by_face_and_limited_in_rarity(build) -> None:
    gallery = build(ada=[0], bo=[20, 30], cy=[60])
    answer = ask(gallery, Question(at(0), person_id(gallery, "ada"), by="face"))
    assert [row.hits[0].face.photo for row in answer.results] == ["bo/0.jpg", "bo/1.jpg", "cy/0.jpg"]
    rare = ask(gallery, Question(at(0), person_id(gallery, "ada"), max_rarity=0.01))
    assert names(rare.results) == ["bo"]


def test_a_deleted_face_is_gone_before_the_next_publication(build, tmp_path: Path) -> None:
    gallery = build(ada=[0], bo=[30], cy=[60])
    writer = Catalog(tmp_path / "catalog.sqlite")
    with writer.transaction():
        writer.remove_photo("bo/0.jpg")
    writer.close()
    assert names(ask(gallery, Question(at(0), person_id(gallery, "ada"))).results) == ["cy"]


def test_what_has_changed_since_the_publication_gives_way_to_what_comes_next(build, tmp_path: Path) -> None:
    asked = Question(at(0), person_id(build(ada=[0], bo=[20, 35, 50, 65, 65.5, 80], cy=[40], di=[70]), "ada"), k=2)
    writer = Catalog(tmp_path / "catalog.sqlite")

    def shown(question: Question, *gone: str) -> list[list[str]]:
        with writer.transaction():
            for photo in gone:
                writer.remove_photo(photo)
        with closing(Gallery(tmp_path)) as gallery:
            return [[hit.face.photo for hit in row.hits] for row in ask(gallery, question).results]

    assert shown(asked) == [["bo/0.jpg", "bo/1.jpg", "bo/2.jpg"], ["cy/0.jpg"]]
    assert shown(asked, "bo/1.jpg") == [["bo/0.jpg", "bo/2.jpg", "bo/3.jpg"], ["cy/0.jpg"]]
    assert shown(replace(asked, by="face")) == [["bo/0.jpg"], ["cy/0.jpg"]], "who was second is gone"
    assert shown(asked, "bo/0.jpg", "cy/0.jpg") == [["bo/2.jpg", "bo/3.jpg", "bo/5.jpg"], ["di/0.jpg"]], "4 is like 3"
    writer.close()


def nearest_people(gallery: Gallery, hubness: np.ndarray | None = None) -> dict[str, list[Resemblance]]:
    persons = everybody(gallery)
    persons = persons if hubness is None else replace(persons, hubness=hubness.astype(np.float32))
    found = neighbours(persons, 5, gallery.work_folder)
    nobodys = Relatives(persons, Lives({}))
    rows = PersonRows(gallery, Catalogued(gallery, persons), found, scale(persons), nobodys)
    return {row.person: row.nearest for row in rows}


def test_people_are_compared_by_their_means_and_shown_by_their_nearest_faces(build) -> None:
    firsts = np.random.default_rng(0).uniform(0, 130, 7)
    angles = {f"p{i}": [float(first), float(first) + 20 + 4 * i] for i, first in enumerate(firsts)}
    gallery = build(**angles)
    means = {name: float(np.mean(both)) for name, both in angles.items()}  # the bisector of two unit vectors
    for person, nearest in nearest_people(gallery).items():
        alike = {other: np.cos(np.deg2rad(means[person] - means[other])) for other in angles if other != person}
        expected = sorted(alike, key=lambda other: -alike[other])[:5]
        assert [found.other_person for found in nearest] == expected
        assert [found.similarity for found in nearest] == pytest.approx([alike[one] for one in expected], abs=1e-5)
        for found in nearest:
            shown = float(gallery.vector(found.face.id) @ gallery.vector(found.other.id))
            pairs = [(a, b) for a in angles[person] for b in angles[found.other_person]]
            assert shown == pytest.approx(max(np.cos(np.deg2rad(a - b)) for a, b in pairs), abs=1e-5)


def test_people_who_are_like_everybody_come_later_in_the_report(build) -> None:
    gallery = build(ada=[0], bo=[40], cy=[42])
    assert [found.other_person for found in nearest_people(gallery)["ada"]] == ["bo", "cy"]
    damped = nearest_people(gallery, np.array([0, 0.2, 0]))["ada"]
    assert [found.other_person for found in damped] == ["cy", "bo"]
    assert damped[1].similarity == pytest.approx(np.cos(np.deg2rad(40)) - DAMPING * 0.2, abs=1e-4)
    assert damped[1].rarity > damped[0].rarity, "rarity is in the order of the rows"
    assert names(ask(gallery, Question(at(0))).results)[-2:] == ["bo", "cy"], "an answer goes by the cosine"


def test_a_hub_is_found_and_named(build) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 32)).astype(np.float32) + 0.5
    vectors[7] = 0.5
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    def hubness(vectors: np.ndarray, people: np.ndarray) -> np.ndarray:
        return Strangers.drawn(vectors, people).hubness(vectors, people)

    values = hubness(vectors, np.arange(400))
    assert hubs(values)[0] == 7
    assert len(hubs(values)) < 12
    assert not hubness(vectors, np.arange(400) % 10).any(), "ten people are too few to tell"
    twice = np.concatenate([vectors[:40], vectors[:40] + 0.01 * vectors[40:80]]).astype(np.float32)
    one_person_of_two_names = np.repeat([0, 1], 40)
    others = np.arange(40, 400)
    mixed = hubness(np.concatenate([twice, vectors[40:]]), np.concatenate([one_person_of_two_names, others]))
    assert set(hubs(mixed)) & set(range(80)) <= {7, 47}, "two names of one person are no hubs"
    gallery = build(ada=[0], bo=[40])
    assert stats(gallery).hubs == (), "two people are too few to tell"

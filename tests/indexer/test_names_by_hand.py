"""Names by hand stay, whatever happens to photos, models and galleries meanwhile, until they are taken back."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.photos.person_name import group_number, name_key
from niteru.engine.photos.tables.usual_columns import Meaning
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.gallery import Gallery
from niteru.indexer.lives.columns_of_people import columns_of_people, facts_of_people
from niteru.indexer.lives.told import Told
from niteru.indexer.naming.by_hand import NothingToTakeBack
from niteru.indexer.update.copying import copy_gallery
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.naming import name, say, set_aside, split, take_back, tell
from niteru.indexer.update.remodel import use_model
from niteru.indexer.update.verifying import verify
from support.drawn import write_image

NAMES = ("Ada", "Bo", "Zoe")
PICTURES = 8
picture, called = st.integers(0, PICTURES - 1), st.sampled_from(NAMES)
STEPS = st.one_of(
    st.tuples(st.just("name_all_like"), picture, called),
    st.tuples(st.just("name_all_like"), picture, called),
    st.tuples(st.just("name_face"), picture, called),
    st.tuples(st.just("move_beside"), picture, picture),
    st.tuples(st.just("split"), picture),
    st.tuples(st.just("aside"), picture, st.sampled_from([VerdictKind.NOBODY, VerdictKind.NO_FACE])),
    st.tuples(st.just("tell"), called, st.integers(1900, 1999)),
    st.tuples(st.just("tell"), called, st.integers(1900, 1999)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("remove"), picture),
    st.tuples(st.just("put"), picture),
    st.tuples(st.just("index")),
    st.tuples(st.just("forget"), called),
    st.tuples(st.just("another_model")),
    st.tuples(st.just("copy")),
)


@dataclass
class Step:
    """What was said at once: a name, or None for nobody's, by picture; people's other names, and their birth years."""

    words: dict[int, str | None] = field(default_factory=dict)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    born: dict[str, int] = field(default_factory=dict)


@dataclass
class World:
    """A folder of nameless crops with one person's folder in it, a gallery, and what was said of it by hand."""

    root: Path
    kept: Path
    said: list[Step] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    copies: int = 0
    free: bool = False

    def __post_init__(self) -> None:
        self.pictures = [(self.kept / f"{number}.png").read_bytes() for number in range(PICTURES)]
        self.faces, self.folder = self.root / "faces", self.root / "gallery-0"
        self.number = {hashlib.sha256(data).hexdigest(): n for n, data in enumerate(self.pictures)}
        for number in range(PICTURES):
            self.put(number)
        self.index()

    def file(self, number: int) -> Path:
        return self.faces / ("Zoe" if number >= PICTURES - 2 else "") / f"{number}.png"

    def put(self, number: int) -> None:
        self.file(number).parent.mkdir(parents=True, exist_ok=True)
        self.file(number).write_bytes(self.pictures[number])

    def remove(self, number: int) -> None:
        if len(list(self.faces.rglob("*.png"))) > 2:
            self.file(number).unlink(missing_ok=True)

    def index(self) -> None:
        update(self.folder, self.faces, crops=True)

    def labels(self) -> dict[int, tuple[int, str | None]]:
        """Face and label of each picture that the gallery has."""
        with contextlib.closing(Gallery(self.folder)) as gallery:
            queries = gallery.catalog.queries
            return {
                self.number[state.sha256]: (face.id, face.person)
                for state in queries.photos().values()
                for face in queries.faces_of_photo(state.ref)
            }

    def name_all_like(self, number: int, called: str) -> None:
        """Name the person or the group that a picture is of."""
        labels = self.labels()
        who = labels.get(number, (0, None))[1]
        if who is None:
            return
        say(self.folder, name([who], called))
        alike = {one for one, (_, label) in labels.items() if label == who}
        if group_number(who) is None:
            self.said.append(Step({}, [(who, called)] if who != called else []))
        else:
            self.said.append(Step(dict.fromkeys(alike, called)))

    def name_face(self, number: int, called: str) -> None:
        if number in (labels := self.labels()):
            say(self.folder, name([f"face:{labels[number][0]}"], called))
            self.said.append(Step({number: called}))

    def move_beside(self, number: int, other: int) -> None:
        """Put a face into the group of another."""
        labels = self.labels()
        group = labels.get(other, (0, None))[1]
        if number in labels and group and group_number(group):
            say(self.folder, name([f"face:{labels[number][0]}"], group))
            self.said.append(Step({number: group}))

    def split(self, number: int) -> None:
        labels = self.labels()
        if number not in labels:
            return
        face, group = labels[number]
        word = say(self.folder, split([f"face:{face}"]))
        stay = {one for one, (_, label) in labels.items() if label == group and one != number}
        left = dict.fromkeys(stay, group) if group and group_number(group) else {}
        self.said.append(Step({number: word.name, **left}))

    def aside(self, number: int, kind: VerdictKind) -> None:
        if number in (labels := self.labels()):
            say(self.folder, set_aside([f"face:{labels[number][0]}"], kind))
            self.said.append(Step({number: None}))

    def tell(self, called: str, year: int) -> None:
        if called in {label for _, label in self.labels().values()}:
            say(self.folder, tell([called], Told(year)))
            self.said.append(Step(born={called: year}))

    def undo(self) -> None:
        spoken = [step for step in self.said if step.words or step.renamed or step.born]
        if spoken:
            say(self.folder, take_back())
            self.said = spoken[:-1]
        else:
            with pytest.raises(NothingToTakeBack):
                say(self.folder, take_back())

    def forget(self, called: str) -> None:
        labels = self.labels()
        theirs = {one for one, (_, label) in labels.items() if label == called}
        if not theirs or len(theirs) == len(labels):
            return
        known_as = {called, "Zoe"} if self.today("Zoe", 0) == called else {called}
        if "Zoe" in known_as:
            theirs |= {one for one in labels if one >= PICTURES - 2}
        assert forget(self.folder, called).clean
        self.gone |= theirs
        for number, step in enumerate(self.said):
            step.born = {who: year for who, year in step.born.items() if self.today(who, number + 1) not in known_as}
        for step in self.said:
            step.words = {one: word for one, word in step.words.items() if one not in theirs and word not in known_as}
            step.renamed = [pair for pair in step.renamed if known_as.isdisjoint(pair)]

    def another_model(self) -> None:
        self.free = not self.free
        use_model(self.folder, find_model("niteru-free" if self.free else None))

    def copy(self) -> None:
        self.copies += 1
        there = self.root / f"gallery-{self.copies}"
        copy_gallery(self.folder, there)
        self.folder = there

    def today(self, who: str, since: int) -> str:
        for step in self.said[since:]:
            for old, new in step.renamed:
                who = new if who == old else who
        return who

    def years(self) -> dict[str, int]:
        """The birth year of everybody of whom one was told."""
        return {
            self.today(who, number + 1): year
            for number, step in enumerate(self.said)
            for who, year in step.born.items()
        }

    def expected(self) -> dict[int, str | None]:
        """What every picture must be called of which somebody has spoken."""
        words: dict[int, str | None] = {}
        for number, step in enumerate(self.said):
            words |= {one: word and self.today(word, number + 1) for one, word in step.words.items()}
        return words


@pytest.fixture(scope="session")
def pictures(drawn_crops: dict[str, list[np.ndarray]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight pictures of four people, by number."""
    folder = tmp_path_factory.mktemp("pictures")
    crops = [crop for crops in list(drawn_crops.values())[:4] for crop in crops[:2]]
    for number, crop in enumerate(crops):
        write_image(folder / f"{number}.png", crop)
    return folder


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_names_by_hand_stay_whatever_happens(pictures: Path, steps: list[tuple]) -> None:
    with TemporaryDirectory() as root:
        world = World(Path(root), pictures)
        for what, *about in steps:
            getattr(world, what)(*about)
            check(world)
        world.index()
        check(world)
        assert verify(world.folder).problems == []


def check(world: World) -> None:
    labels, expected = world.labels(), world.expected()
    assert {one: label for one, (_, label) in labels.items() if one in expected} == {
        one: word for one, word in expected.items() if one in labels
    }
    with contextlib.closing(Gallery(world.folder)) as gallery:
        told, columns = facts_of_people(gallery.catalog), columns_of_people(gallery.catalog)
        if gallery.generations.current() is not None:  # there is none while everybody is set aside
            assert gallery.generation.columns_digest == columns.digest
        shown = {name: columns.lives.born.get(person) for person, name, _ in gallery.queries.people()}
    years = world.years()
    assert told == {name_key(who): {Meaning.BORN: str(year)} for who, year in years.items()}
    assert {name: year for name, year in shown.items() if year} == {
        name: years[name] for name in shown if name in years
    }

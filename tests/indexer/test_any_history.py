"""After any history, a gallery equals one built anew from the same photos, without the same forgotten people."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niteru.indexer.ask.lookalike import Question, ask
from niteru.indexer.ask.not_found import ImageNotFound, PersonNotFound
from niteru.indexer.gallery import Gallery
from niteru.indexer.generations.index import KINDS
from niteru.indexer.storage.local import extension
from niteru.indexer.update.adding import add
from niteru.indexer.update.enrol import update
from niteru.indexer.update.forgetting import forget
from niteru.indexer.update.verifying import verify

PEOPLE = ("ada", "bo", "cy")
ALWAYS = "zoe"
"""Somebody who stays, for a gallery of none of the photos is refused."""

person, slot, picture = st.sampled_from(PEOPLE), st.integers(0, 1), st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("put"), person, slot, picture),
    st.tuples(st.just("put"), person, slot, picture),
    st.tuples(st.just("rename"), person, slot, person, slot),
    st.tuples(st.just("remove"), person, slot),
    st.tuples(st.just("forget"), person),
    st.tuples(st.just("forget-photo"), person, slot),
    st.tuples(st.just("add"), person, picture),
    st.tuples(st.just("index")),
)


@dataclass
class World:
    """The disk and a gallery, and beside them what ought to be known."""

    root: Path
    pictures: list[bytes]
    kind: str
    known: dict[str, int] = field(default_factory=dict)
    by_hand: dict[str, int] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    contents: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.faces, self.folder = self.root / "faces", self.root / "gallery"
        for number in (6, 7):
            self.put(ALWAYS, number, number)
        self.index()

    def file(self, who: str, slot: int) -> Path:
        return self.faces / who / f"{slot}.png"

    def on_disk(self) -> dict[str, int]:
        files = sorted(self.faces.glob("*/*.png"))
        return {f.relative_to(self.faces).as_posix(): self.pictures.index(f.read_bytes()) for f in files}

    def put(self, who: str, slot: int, picture: int) -> None:
        self.file(who, slot).parent.mkdir(parents=True, exist_ok=True)
        self.file(who, slot).write_bytes(self.pictures[picture])

    def rename(self, who: str, slot: int, other: str, other_slot: int) -> None:
        if self.file(who, slot).exists():
            self.file(other, other_slot).parent.mkdir(parents=True, exist_ok=True)
            self.file(who, slot).rename(self.file(other, other_slot))

    def remove(self, who: str, slot: int) -> None:
        self.file(who, slot).unlink(missing_ok=True)

    def index(self) -> None:
        update(self.folder, self.faces, crops=True, kind=self.kind)
        self.known = {
            ref: content
            for ref, content in self.on_disk().items()
            if ref.split("/")[0] not in self.names and (self.known.get(ref) == content or content not in self.contents)
        }

    def forget(self, who: str) -> None:
        theirs = [c for book in (self.known, self.by_hand) for ref, c in book.items() if ref.startswith(f"{who}/")]
        self._forget(theirs, who)

    def forget_photo(self, who: str, slot: int) -> None:
        ref = f"{who}/{slot}.png"
        self._forget([self.known[ref]] if ref in self.known else [], None, ref)

    def _forget(self, contents: list[int], who: str | None, ref: str | None = None) -> None:
        if not contents:
            with pytest.raises(PersonNotFound if who else ImageNotFound):
                forget(self.folder, who, [ref] if ref else [])
            return
        assert forget(self.folder, who, [ref] if ref else []).clean
        self.names |= {who} if who else set()
        self.contents |= set(contents)
        for book in (self.known, self.by_hand):
            for gone in [known for known, content in book.items() if content in contents]:
                del book[gone]

    def add(self, who: str, picture: int) -> None:
        source = self.root / f"by-hand-{picture}.png"
        source.write_bytes(self.pictures[picture])
        self.names -= {who}
        self.contents -= {picture}
        add(self.folder, who, [source])
        self.by_hand[f"{who}/{source.name}"] = picture

    def everything(self) -> set[tuple[str, int]]:
        return {(ref.split("/")[0], content) for book in (self.known, self.by_hand) for ref, content in book.items()}

    def rebuilt(self) -> Path:
        """A gallery made now."""
        faces, folder = self.root / "faces-again", self.root / "gallery-again"
        for ref, content in self.known.items():
            (faces / ref).parent.mkdir(parents=True, exist_ok=True)
            (faces / ref).write_bytes(self.pictures[content])
        update(folder, faces, crops=True, kind=self.kind)
        for ref, content in self.by_hand.items():
            (self.root / "again").mkdir(exist_ok=True)
            source = self.root / "again" / ref.split("/")[1]
            source.write_bytes(self.pictures[content])
            add(folder, ref.split("/")[0], [source])
        return folder


def state_of(folder: Path) -> tuple[set[tuple[str, str, bytes]], list[list[tuple[str, float]]]]:
    """Whose face in which picture has which vector; and what a search with each picture answers."""
    gallery = Gallery(folder)
    photos = gallery.catalog.queries.photos()
    faces = {
        (str(row.person), photos[row.photo].sha256, face.vector.tobytes())
        for face in gallery.catalog.queries.vectors_of_photos(photos)
        for row in gallery.catalog.queries.faces([face.face]).values()
    }
    answers = []
    for _, _, vector in sorted(faces, key=lambda face: face[1]):
        found = ask(gallery, Question(np.frombuffer(vector, np.float32), k=10, mode="all"))
        answers.append(sorted((row.person, round(row.similarity, 4)) for row in found.results))
    gallery.close()
    return faces, answers


@pytest.fixture(scope="session")
def pictures(drawn_crops: dict[str, list[np.ndarray]]) -> list[bytes]:
    """Eight pictures of faces."""
    crops = [crop for crops in drawn_crops.values() for crop in crops[:2]][:8]
    return [cv2.imencode(".png", crop[..., ::-1])[1].tobytes() for crop in crops]


@pytest.fixture(params=[False, True], ids=["whole", "in two parts"])
def parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How generations are published: galleries as small as these are published whole elsewhere."""
    if request.param:
        monkeypatch.setattr(extension, "LEAST_SEALED", 1)
        monkeypatch.setattr(extension, "MOST_CHANGED", 0.9)


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_every_history_ends_as_a_gallery_built_anew(kind: str, pictures: list[bytes], steps: list[tuple]) -> None:
    with TemporaryDirectory() as root:
        world = World(Path(root), pictures, kind)
        for what, *about in steps:
            getattr(world, what.replace("-", "_"))(*about)
        world.index()
        assert verify(world.folder).problems == []
        assert {(who, world.pictures[content]) for who, content in world.everything()} == held(world)
        assert state_of(world.folder) == state_of(world.rebuilt())
        shutil.rmtree(world.folder)


def held(world: World) -> set[tuple[str, bytes]]:
    """Who has which picture in the catalogue."""
    of = {hashlib.sha256(picture).hexdigest(): picture for picture in world.pictures}
    gallery = Gallery(world.folder)
    photos = gallery.catalog.queries.photos().values()
    gallery.close()
    return {(photo.person, of[photo.sha256]) for photo in photos}
